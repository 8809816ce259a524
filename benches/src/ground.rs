//! Where is measured: a database that was filled, and the key of somebody who may do everything in it.

use persistence::{DatabaseUrl, Options, Store};
use sea_orm::{ConnectionTrait, Database, DatabaseConnection, DbBackend, QueryResult, Statement, Value};
use tempfile::TempDir;
use tests::Cluster;
use tokio::process::Command;

use crate::{
    process::{Server, sibling},
    rush::Stage,
    say,
    seed::{self, Size},
};

/// Which database is measured.
#[derive(Clone, Copy, Debug, Eq, PartialEq, clap::ValueEnum)]
pub(crate) enum System {
    /// A cluster of its own with its default durability.
    Postgres,
    /// A file.
    Sqlite,
}

pub(crate) struct Ground {
    pub(crate) url: String,
    pub(crate) key: String,
    pub(crate) db: DatabaseConnection,
    pub(crate) size: Size,
    _cluster: Option<Cluster>,
    _folder: Option<TempDir>,
}

impl Ground {
    /// A database with the data in it, made for this run.
    pub(crate) async fn new(system: System, size: Size) -> Self {
        let (url, cluster, folder) = match system {
            System::Postgres => {
                let cluster = Cluster::durable().expect("there is no PostgreSQL on this machine");
                cluster.create_database("bench", "template0").await;
                (cluster.url("bench"), Some(cluster), None)
            }
            System::Sqlite => {
                let folder = TempDir::with_prefix("atelier-bench-").expect("a folder");
                (format!("sqlite:{}", folder.path().join("bench.db").display()), None, Some(folder))
            }
        };
        let store = open(&url).await;
        say(&format!("{} workshops, {} guests, {} registrations", size.workshops, size.guests, size.registrations));
        let begun = std::time::Instant::now();
        seed::fill(&store, size).await;
        say(&format!("filled in {:.0} s", begun.elapsed().as_secs_f64()));
        store.close().await;
        let (key, db) = (key(&url).await, Database::connect(&url).await.expect("the database"));
        let ground = Self { url, key, db, size, _cluster: cluster, _folder: folder };
        ground.examine().await;
        if system == System::Postgres {
            ground.run("VACUUM ANALYZE").await;
            // As the server has it: whoever is compared plans alike.
            ground.run("ALTER DATABASE bench SET random_page_cost = 1.1").await;
        } else {
            ground.run("ANALYZE").await;
        }
        ground
    }

    /// A database that was filled before, with the same size.
    pub(crate) async fn at(url: String, size: Size) -> Self {
        let (key, db) = (key(&url).await, Database::connect(&url).await.expect("the database"));
        Self { url, key, db, size, _cluster: None, _folder: None }
    }

    pub(crate) fn is_postgres(&self) -> bool {
        self.db.get_database_backend() == DbBackend::Postgres
    }

    /// The server that is measured. Nobody's share is counted, for one client asks for all.
    pub(crate) async fn serve(&self) -> Server {
        let arguments = ["serve", "--database-url", &self.url, "--rate-limit", "0"];
        Server::start(&sibling("atelier"), &arguments).await
    }

    /// Workshops where nobody has registered yet.
    pub(crate) async fn stage(&self, first: u32, count: u32, seats: Option<u32>) -> Stage {
        let store = open(&self.url).await;
        let stage = Stage::set(&store, self.size, first, count, seats).await;
        store.close().await;
        stage
    }

    /// Whether everything adds up, whoever wrote it.
    pub(crate) async fn examine(&self) {
        let store = open(&self.url).await;
        let findings = store.examine().await.expect("examined");
        assert!(findings.is_empty(), "the data is well: {findings:?}");
        store.close().await;
    }

    pub(crate) async fn run(&self, sql: &str) {
        self.db.execute_unprepared(sql).await.expect(sql);
    }

    /// The one row that a statement finds.
    pub(crate) async fn row(&self, sql: &str, values: impl IntoIterator<Item = Value>) -> QueryResult {
        let statement = Statement::from_sql_and_values(self.db.get_database_backend(), sql, values);
        self.db.query_one_raw(statement).await.expect(sql).expect("a row")
    }
}

/// A store whose clock tells the day on which everybody registered.
pub(crate) async fn open(url: &str) -> Store {
    let url: DatabaseUrl = url.parse().unwrap_or_else(|invalid| panic!("{invalid}"));
    let store = Store::open(&url, Options { clock: seed::clock(), ..Options::default() }).await;
    store.unwrap_or_else(|fault| panic!("{}", fault.operator_message()))
}

/// A new key that may see everything.
async fn key(url: &str) -> String {
    let arguments = ["keys", "create", "--role", "admin", "--name", "bench", "--database-url", url];
    let made = Command::new(sibling("atelier")).args(arguments).output().await.expect("a key");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    String::from_utf8_lossy(&made.stdout).trim().to_owned()
}
