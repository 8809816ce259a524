//! Runs statements by pgbench, to measure the database's own limit.

use std::io::Write as _;

use tests::postgres_programs;
use tokio::process::Command;

use crate::measurement::Measurement;

/// A script of pgbench. Its variable `turn` starts at 0 for each client.
pub(crate) struct Script {
    pub(crate) text: String,
    pub(crate) clients: u32,
    pub(crate) amount: Amount,
}

/// When each client stops.
#[derive(Clone, Copy)]
pub(crate) enum Amount {
    Seconds(u32),
    TransactionsPerClient(u32),
}

/// The SQL of a seeded id, from its kind and the pgbench variable with its number. `seed::id` computes the same id.
pub(crate) fn id_sql(kind: u8, number: &str) -> String {
    format!("('019b76da-a800-7000-8000-0{kind}' || lpad(to_hex({number}::bigint), 10, '0'))::uuid")
}

impl Script {
    /// Runs the script. The latencies are those of every tenth transaction. The processor time is unknown.
    pub(crate) async fn run(&self, database_url: &str) -> Measurement {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let file = folder.path().join("script.sql");
        std::fs::File::create(&file)
            .and_then(|mut file| file.write_all(self.text.as_bytes()))
            .expect("the script is written");
        let (flag, amount) = match self.amount {
            Amount::Seconds(seconds) => ("-T", seconds),
            Amount::TransactionsPerClient(transactions) => ("-t", transactions),
        };
        let output = Command::new(
            postgres_programs().map(|folder| folder.join("pgbench")).expect("PostgreSQL is not installed"),
        )
        .args([
            "-n",
            "-M",
            "prepared",
            "-D",
            "turn=0",
            "-c",
            &self.clients.to_string(),
            flag,
            &amount.to_string(),
            "-f",
        ])
        .arg(&file)
        .args(["--log", "--sampling-rate=0.1", "--log-prefix"])
        .arg(folder.path().join("log"))
        .arg(database_url)
        .output()
        .await
        .expect("pgbench runs");
        let (stdout, stderr) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success() && !stderr.contains("ERROR"), "{stdout}{stderr}");
        let rate = stdout.lines().find_map(|line| line.strip_prefix("tps = ")?.split(' ').next()?.parse().ok());
        let rate = rate.unwrap_or_else(|| panic!("{stdout}{stderr}"));
        let mut latencies_ms: Vec<f64> = Vec::new();
        for entry in std::fs::read_dir(folder.path()).expect("the temporary folder").flatten() {
            if entry.file_name().to_string_lossy().starts_with("log") {
                let log = std::fs::read_to_string(entry.path()).expect("a log of pgbench");
                // The third number of a line is the latency in microseconds.
                let latencies = log.lines().filter_map(|line| line.split(' ').nth(2)?.parse::<f64>().ok());
                latencies_ms.extend(latencies.map(|latency| latency / 1e3));
            }
        }
        Measurement::from_latencies(rate, latencies_ms, 0.0)
    }
}
