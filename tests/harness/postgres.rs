//! A temporary PostgreSQL cluster: the first test that needs it starts it, and it ends with the process in every case.

use std::{
    os::unix::{fs::PermissionsExt, process::CommandExt},
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    sync::OnceLock,
};

use sea_orm::{ConnectionTrait, Database};

use crate::free_port;

/// Whether committed data survives a crash of the machine.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Durability {
    /// The defaults of PostgreSQL.
    Full,
    /// Faster, without flushing data to the disk.
    None,
}

#[derive(Debug)]
pub struct Cluster {
    port: u16,
    /// The folder with `pg_ctl`.
    programs: PathBuf,
    folder: PathBuf,
    /// The server's command-line options.
    options: String,
    /// Stops the server when this process ends, because its standard input ends then.
    _watchdog: Child,
}

impl Cluster {
    /// The cluster of this test run; `None` if PostgreSQL is not installed.
    pub fn shared() -> Option<&'static Self> {
        static CLUSTER: OnceLock<Option<Cluster>> = OnceLock::new();
        CLUSTER.get_or_init(|| programs().map(|programs| Self::start(&programs, Durability::None))).as_ref()
    }

    /// A cluster with PostgreSQL's own durability, for measurements; `None` if PostgreSQL is not installed.
    pub fn durable() -> Option<Self> {
        programs().map(|programs| Self::start(&programs, Durability::Full))
    }

    /// The port on this machine.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The folder of the Unix socket.
    pub fn socket_folder(&self) -> &Path {
        &self.folder
    }

    pub fn url(&self, database: &str) -> String {
        format!("postgres://atelier@127.0.0.1:{}/{database}", self.port)
    }

    pub async fn create_database(&self, database: &str, template: &str) {
        let admin = Database::connect(self.url("postgres")).await.unwrap();
        admin.execute_unprepared(&format!("CREATE DATABASE {database} TEMPLATE {template}")).await.unwrap();
        admin.close().await.unwrap();
    }

    /// Kills the server and all its processes. Written data stays.
    pub fn kill(&self) {
        let pid = std::fs::read_to_string(self.data().join("postmaster.pid")).unwrap();
        let pid = pid.lines().next().unwrap();
        // The server is suspended first, so that it starts no more processes.
        run(Command::new("kill").args(["-s", "STOP", pid]));
        run(Command::new("pkill").args(["-KILL", "-P", pid]));
        run(Command::new("kill").args(["-s", "KILL", pid]));
    }

    /// Stops the server in order: open transactions are rolled back, and committed data is written.
    pub fn stop(&self) {
        run(self.pg_ctl().args(["-m", "fast", "-w", "stop"]));
    }

    /// Stops the server immediately, without a checkpoint.
    pub fn stop_immediately(&self) {
        run(self.pg_ctl().args(["-m", "immediate", "stop"]));
    }

    /// Starts the server on its existing data. Returns when it accepts clients.
    pub fn start_server(&self) {
        let mut start = self.pg_ctl();
        start.arg("-l").arg(self.folder.join("log")).args(["-w", "-o", &self.options, "start"]);
        // The data stays locked until the system has removed the killed processes.
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
        // The user of the server creates the data folder in it.
        std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o777)).unwrap();
        let data = folder.join("data");
        let port = free_port();

        let mut initdb = as_postgres(&programs.join("initdb"));
        run(initdb.args(["--username=atelier", "--auth=trust", "--encoding=UTF8", "--no-sync", "-D"]).arg(&data));
        let fast = match durability {
            Durability::Full => "",
            Durability::None => "-c fsync=off -c synchronous_commit=off -c full_page_writes=off",
        };
        let options = format!(
            "-p {port} -k {} -c listen_addresses=127.0.0.1,::1 -c max_connections=300 {fast}",
            folder.display()
        );
        let mut watchdog = as_postgres(Path::new("sh"));
        let stop = format!(
            "read _; {} -D {} -m immediate stop; rm -rf {}/*",
            programs.join("pg_ctl").display(),
            data.display(),
            folder.display()
        );
        // A separate process group, so that Ctrl-C ends the tests first and this process afterwards.
        watchdog.args(["-c", &stop]).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).process_group(0);
        let cluster =
            Self { port, programs: programs.to_owned(), folder, options, _watchdog: watchdog.spawn().unwrap() };
        cluster.start_server();
        cluster
    }
}

/// A command that does not run as root, because PostgreSQL refuses that: root uses the user of its package.
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
    // No pipes: the started server would keep them open.
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap()
}

/// The folder with the newest `initdb` and `pg_ctl`.
pub fn programs() -> Option<PathBuf> {
    let on_path = std::env::var_os("PATH").map(|path| std::env::split_paths(&path).collect::<Vec<_>>());
    let mut debian: Vec<_> = std::fs::read_dir("/usr/lib/postgresql")
        .map(|versions| versions.flatten().map(|version| version.path().join("bin")).collect())
        .unwrap_or_default();
    debian.sort();
    let all = debian.into_iter().rev().chain(on_path.unwrap_or_default());
    all.into_iter().find(|folder| folder.join("initdb").exists() && folder.join("pg_ctl").exists())
}
