//! A throw-away PostgreSQL: started by the first test that needs it, gone with the process, however that ends.

use std::{
    os::unix::{fs::PermissionsExt, process::CommandExt},
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    sync::OnceLock,
};

use sea_orm::{ConnectionTrait, Database};

use crate::free_port;

/// How much a cluster cares for what it was told.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Durability {
    /// As PostgreSQL comes.
    Full,
    /// Fast, and lost with the machine.
    None,
}

#[derive(Debug)]
pub struct Cluster {
    port: u16,
    /// Where `pg_ctl` is.
    programs: PathBuf,
    folder: PathBuf,
    /// What the server is started with.
    options: String,
    /// Stops the server when this process is gone: it waits for the end of its standard input.
    _watchdog: Child,
}

impl Cluster {
    /// The cluster of this test run; `None` when PostgreSQL is not installed.
    pub(crate) fn shared() -> Option<&'static Self> {
        static CLUSTER: OnceLock<Option<Cluster>> = OnceLock::new();
        CLUSTER.get_or_init(|| programs().map(|programs| Self::start(&programs, Durability::None))).as_ref()
    }

    /// A cluster that is as durable as PostgreSQL comes, to measure on; `None` when PostgreSQL is not installed.
    pub fn durable() -> Option<Self> {
        programs().map(|programs| Self::start(&programs, Durability::Full))
    }

    /// Where it listens, on this machine.
    pub fn port(&self) -> u16 {
        self.port
    }

    pub fn url(&self, database: &str) -> String {
        format!("postgres://atelier@127.0.0.1:{}/{database}", self.port)
    }

    pub async fn create_database(&self, database: &str, template: &str) {
        let admin = Database::connect(self.url("postgres")).await.unwrap();
        admin.execute_unprepared(&format!("CREATE DATABASE {database} TEMPLATE {template}")).await.unwrap();
        admin.close().await.unwrap();
    }

    /// Kills the server and every process of it, as they stand. What it had written stays.
    pub fn kill(&self) {
        let pid = std::fs::read_to_string(self.data().join("postmaster.pid")).unwrap();
        let pid = pid.lines().next().unwrap();
        // Stopped first, so that it starts no more of them.
        run(Command::new("kill").args(["-s", "STOP", pid]));
        run(Command::new("pkill").args(["-KILL", "-P", pid]));
        run(Command::new("kill").args(["-s", "KILL", pid]));
    }

    /// Has the server end in order: what runs is broken off, what was committed is written.
    pub fn stop(&self) {
        run(self.pg_ctl().args(["-m", "fast", "-w", "stop"]));
    }

    /// Has the server end at once, without regard for what runs.
    pub fn stop_immediately(&self) {
        run(self.pg_ctl().args(["-m", "immediate", "stop"]));
    }

    /// Starts the server, on the data that it left behind if it has run before; returns when it lets clients in.
    pub fn start_server(&self) {
        let mut start = self.pg_ctl();
        start.arg("-l").arg(self.folder.join("log")).args(["-w", "-o", &self.options, "start"]);
        // What was killed has the data in its hands until the system has cleared it away.
        let has_started = std::iter::repeat_with(|| status(&mut start)).take(50).any(|status| status.success());
        assert!(has_started, "{start:?}, in vain");
    }

    fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    fn pg_ctl(&self) -> Command {
        let mut command = as_postgres(&self.programs.join("pg_ctl"));
        command.arg("-D").arg(self.data());
        command
    }

    fn start(programs: &Path, durability: Durability) -> Self {
        let folder = tempfile::Builder::new().prefix("atelier-postgres-").tempdir().unwrap().keep();
        // Another user, who may not be root, makes the data folder in it.
        std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o777)).unwrap();
        let data = folder.join("data");
        let port = free_port();

        let mut initdb = as_postgres(&programs.join("initdb"));
        run(initdb.args(["--username=atelier", "--auth=trust", "--encoding=UTF8", "--no-sync", "-D"]).arg(&data));
        let fast = match durability {
            Durability::Full => "",
            Durability::None => "-c fsync=off -c synchronous_commit=off -c full_page_writes=off",
        };
        let options =
            format!("-p {port} -k {} -c listen_addresses=127.0.0.1 -c max_connections=300 {fast}", folder.display());
        let mut watchdog = as_postgres(Path::new("sh"));
        let stop = format!(
            "read _; {} -D {} -m immediate stop; rm -rf {}/*",
            programs.join("pg_ctl").display(),
            data.display(),
            folder.display()
        );
        // A group of its own, so that Ctrl-C ends the tests first and this afterwards.
        watchdog.args(["-c", &stop]).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).process_group(0);
        let cluster =
            Self { port, programs: programs.to_owned(), folder, options, _watchdog: watchdog.spawn().unwrap() };
        cluster.start_server();
        cluster
    }
}

/// PostgreSQL refuses to run as root: root asks the user whom its packages make.
fn as_postgres(program: &Path) -> Command {
    let is_root = Command::new("id").arg("-u").output().is_ok_and(|id| id.stdout == b"0\n");
    if !is_root {
        return Command::new(program);
    }
    let mut command = Command::new("runuser");
    command.args(["-u", "postgres", "--"]).arg(program).current_dir("/");
    command
}

fn run(command: &mut Command) {
    let status = status(command);
    assert!(status.success(), "{command:?} ended with {status}");
}

fn status(command: &mut Command) -> ExitStatus {
    // Not piped: the server that is started would hold the pipe open.
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap()
}

/// The folder with the newest `initdb` and `pg_ctl`, and what else comes with them.
pub fn programs() -> Option<PathBuf> {
    let on_path = std::env::var_os("PATH").map(|path| std::env::split_paths(&path).collect::<Vec<_>>());
    let mut debian: Vec<_> = std::fs::read_dir("/usr/lib/postgresql")
        .map(|versions| versions.flatten().map(|version| version.path().join("bin")).collect())
        .unwrap_or_default();
    debian.sort();
    let all = debian.into_iter().rev().chain(on_path.unwrap_or_default());
    all.into_iter().find(|folder| folder.join("initdb").exists() && folder.join("pg_ctl").exists())
}
