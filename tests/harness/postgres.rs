//! A throw-away PostgreSQL: started by the first test that needs it, gone with the process, however that ends.

use std::{
    net::TcpListener,
    os::unix::{fs::PermissionsExt, process::CommandExt},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::OnceLock,
};

use sea_orm::{ConnectionTrait, Database};

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

    pub fn url(&self, database: &str) -> String {
        format!("postgres://atelier@127.0.0.1:{}/{database}", self.port)
    }

    pub async fn create(&self, database: &str, template: &str) {
        let admin = Database::connect(self.url("postgres")).await.unwrap();
        admin.execute_unprepared(&format!("CREATE DATABASE {database} TEMPLATE {template}")).await.unwrap();
        admin.close().await.unwrap();
    }

    fn start(programs: &Path, durability: Durability) -> Self {
        let folder = tempfile::Builder::new().prefix("atelier-postgres-").tempdir().unwrap().keep();
        // Another user, who may not be root, makes the data folder in it.
        std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o777)).unwrap();
        let data = folder.join("data");
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();

        let mut initdb = as_postgres(&programs.join("initdb"));
        run(initdb.args(["--username=atelier", "--auth=trust", "--encoding=UTF8", "--no-sync", "-D"]).arg(&data));
        let careless = match durability {
            Durability::Full => "",
            Durability::None => "-c fsync=off -c synchronous_commit=off -c full_page_writes=off",
        };
        let options = format!(
            "-p {port} -k {} -c listen_addresses=127.0.0.1 -c max_connections=300 {careless}",
            folder.display()
        );
        let mut start = as_postgres(&programs.join("pg_ctl"));
        run(start.arg("-D").arg(&data).arg("-l").arg(folder.join("log")).args(["-w", "-o", &options, "start"]));

        let mut watchdog = as_postgres(Path::new("sh"));
        let stop = format!(
            "read _; {} -D {} -m immediate stop; rm -rf {}/*",
            programs.join("pg_ctl").display(),
            data.display(),
            folder.display()
        );
        // A group of its own, so that Ctrl-C ends the tests first and this afterwards.
        watchdog.args(["-c", &stop]).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).process_group(0);
        Self { port, _watchdog: watchdog.spawn().unwrap() }
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
    // Not piped: the server that is started would hold the pipe open.
    let status = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap();
    assert!(status.success(), "{command:?} ended with {status}");
}

/// One of PostgreSQL's programs; `None` when it is not installed.
pub fn postgres_program(name: &str) -> Option<PathBuf> {
    programs().map(|folder| folder.join(name))
}

/// The folder with the newest `initdb` and `pg_ctl`.
fn programs() -> Option<PathBuf> {
    let on_path = std::env::var_os("PATH").map(|path| std::env::split_paths(&path).collect::<Vec<_>>());
    let mut debian: Vec<_> = std::fs::read_dir("/usr/lib/postgresql")
        .map(|versions| versions.flatten().map(|version| version.path().join("bin")).collect())
        .unwrap_or_default();
    debian.sort();
    let all = debian.into_iter().rev().chain(on_path.unwrap_or_default());
    all.into_iter().find(|folder| folder.join("initdb").exists() && folder.join("pg_ctl").exists())
}
