//! What the database itself can do: pgbench, which sends statements and does nothing else.

use std::io::Write as _;

use tests::postgres_programs;
use tokio::process::Command;

use crate::load::Measured;

/// What pgbench runs, and how often. The variable `turn` is 0 in the beginning.
pub(crate) struct Script {
    pub(crate) text: String,
    pub(crate) clients: u32,
    pub(crate) amount: Amount,
}

/// When it is done.
#[derive(Clone, Copy)]
pub(crate) enum Amount {
    Seconds(u32),
    Transactions { of_each_client: u32 },
}

/// An id of the data as SQL: its kind, and the variable of pgbench that has its number. See `seed::id`.
pub(crate) fn id(kind: u8, number: &str) -> String {
    format!("('019b76da-a800-7000-8000-0{kind}' || lpad(to_hex({number}::bigint), 10, '0'))::uuid")
}

impl Script {
    /// Runs it; there is no server whose processor time could be told. Of every tenth transaction is written how long it
    /// took.
    pub(crate) async fn run(&self, database_url: &str) -> Measured {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("script.sql");
        std::fs::File::create(&file).and_then(|mut file| file.write_all(self.text.as_bytes())).expect("a script");
        let (how, much) = match self.amount {
            Amount::Seconds(seconds) => ("-T", seconds),
            Amount::Transactions { of_each_client } => ("-t", of_each_client),
        };
        let output = Command::new(postgres_programs().map(|folder| folder.join("pgbench")).expect("pgbench"))
            .args([
                "-n",
                "-M",
                "prepared",
                "-D",
                "turn=0",
                "-c",
                &self.clients.to_string(),
                how,
                &much.to_string(),
                "-f",
            ])
            .arg(&file)
            .args(["--log", "--sampling-rate=0.1", "--log-prefix"])
            .arg(folder.path().join("log"))
            .arg(database_url)
            .output()
            .await
            .expect("pgbench");
        let (said, complained) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success() && !complained.contains("ERROR"), "{said}{complained}");
        let rate = said.lines().find_map(|line| line.strip_prefix("tps = ")?.split(' ').next()?.parse().ok());
        let mut took: Vec<f64> = Vec::new();
        for entry in std::fs::read_dir(folder.path()).expect("a folder").flatten() {
            if entry.file_name().to_string_lossy().starts_with("log") {
                let log = std::fs::read_to_string(entry.path()).expect("a log");
                // The third number of a line: microseconds.
                took.extend(log.lines().filter_map(|line| line.split(' ').nth(2)?.parse::<f64>().ok()));
            }
        }
        took.sort_by(f64::total_cmp);
        let within = |percent: usize| took.get(took.len() * percent / 100).map_or(0.0, |took| took / 1e3);
        let rate = rate.unwrap_or_else(|| panic!("{said}{complained}"));
        Measured { rate, p50: within(50), p99: within(99), cpu: 0.0 }
    }
}
