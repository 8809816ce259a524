//! The database that is measured, filled with data, and an API key with all permissions.

use persistence::{DatabaseUrl, Options, Store};
use sea_orm::{ConnectionTrait, Database, DatabaseConnection, DbBackend, QueryResult, Statement, Value};
use tempfile::TempDir;
use tests::Cluster;
use tokio::process::Command;

use crate::{
    process::{Server, sibling},
    registration_pairs::RegistrationPairs,
    report::print_line,
    seed::{self, Size},
};

#[derive(Clone, Copy, Debug, Eq, PartialEq, clap::ValueEnum)]
pub(crate) enum DatabaseSystem {
    /// A new PostgreSQL cluster with default durability.
    Postgres,
    /// A new SQLite file.
    Sqlite,
}

pub(crate) struct Dataset {
    pub(crate) url: String,
    pub(crate) api_key: String,
    pub(crate) db: DatabaseConnection,
    pub(crate) size: Size,
    _cluster: Option<Cluster>,
    _folder: Option<TempDir>,
}

impl Dataset {
    /// Creates a database for this run, and fills it.
    pub(crate) async fn create(system: DatabaseSystem, size: Size) -> Self {
        let (url, cluster, folder) = match system {
            DatabaseSystem::Postgres => {
                let cluster = Cluster::durable().expect("PostgreSQL is not installed on this machine");
                cluster.create_database("bench", "template0").await;
                (cluster.url("bench"), Some(cluster), None)
            }
            DatabaseSystem::Sqlite => {
                let folder = TempDir::with_prefix("atelier-bench-").expect("a temporary folder");
                (format!("sqlite:{}", folder.path().join("bench.db").display()), None, Some(folder))
            }
        };
        let store = open(&url).await;
        let Size { workshops, guests, registrations } = size;
        print_line(&format!("dataset: {workshops} workshops, {guests} guests, {registrations} registrations"));
        let begun = std::time::Instant::now();
        seed::fill(&store, size).await;
        print_line(&format!("filled in {:.0} s", begun.elapsed().as_secs_f64()));
        store.close().await;
        let (api_key, db) = connect(&url).await;
        let dataset = Self { url, api_key, db, size, _cluster: cluster, _folder: folder };
        dataset.run_doctor().await;
        if system == DatabaseSystem::Postgres {
            dataset.run("VACUUM ANALYZE").await;
            // The server uses the same setting, so that both sides get the same query plans.
            dataset.run("ALTER DATABASE bench SET random_page_cost = 1.1").await;
        } else {
            dataset.run("ANALYZE").await;
        }
        dataset
    }

    /// Uses a database that was filled before with the same size.
    pub(crate) async fn existing(url: String, size: Size) -> Self {
        let (api_key, db) = connect(&url).await;
        Self { url, api_key, db, size, _cluster: None, _folder: None }
    }

    pub(crate) fn is_postgres(&self) -> bool {
        self.db.get_database_backend() == DbBackend::Postgres
    }

    /// Starts the server that is measured, without rate limits, because one client sends all requests.
    pub(crate) async fn start_server(&self) -> Server {
        let arguments = ["serve", "--database-url", &self.url, "--rate-limit", "0"];
        Server::start(&sibling("atelier"), &arguments).await
    }

    /// Adds workshops without registrations.
    pub(crate) async fn add_workshops(&self, first: u32, count: u32, seats: Option<u32>) -> RegistrationPairs {
        let store = open(&self.url).await;
        let pairs = RegistrationPairs::add_workshops(&store, self.size, first, count, seats).await;
        store.close().await;
        pairs
    }

    pub(crate) async fn run_doctor(&self) {
        let store = open(&self.url).await;
        let findings = store.examine().await.expect("the doctor runs");
        assert!(findings.is_empty(), "the doctor found inconsistencies: {findings:?}");
        store.close().await;
    }

    pub(crate) async fn run(&self, sql: &str) {
        self.db.execute_unprepared(sql).await.expect(sql);
    }

    /// Runs a query that returns one row.
    pub(crate) async fn row(&self, sql: &str, values: impl IntoIterator<Item = Value>) -> QueryResult {
        let statement = Statement::from_sql_and_values(self.db.get_database_backend(), sql, values);
        self.db.query_one_raw(statement).await.expect(sql).expect("a row")
    }
}

/// Opens a store whose clock shows the day of all seeded registrations.
pub(crate) async fn open(url: &str) -> Store {
    let url: DatabaseUrl = url.parse().unwrap_or_else(|invalid| panic!("{invalid}"));
    let store = Store::open(&url, Options { clock: seed::clock(), ..Options::default() }).await;
    store.unwrap_or_else(|fault| panic!("{}", fault.operator_message()))
}

async fn connect(url: &str) -> (String, DatabaseConnection) {
    (create_admin_key(url).await, Database::connect(url).await.expect("a connection to the database"))
}

async fn create_admin_key(url: &str) -> String {
    let arguments = ["keys", "create", "--role", "admin", "--name", "bench", "--database-url", url];
    let output = Command::new(sibling("atelier")).args(arguments).output().await.expect("`atelier keys create` runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}
