use std::{
    io::Write,
    path::Path,
    sync::atomic::{AtomicU32, Ordering},
};

use domain::WorkshopId;
use persistence::{DatabaseUrl, Options, Store};
use sea_orm::{ConnectionTrait, Database as Connector};
use tempfile::TempDir;
use tokio::sync::{Mutex, OnceCell};

use crate::{TestApp, Workshop, in_time, postgres::Cluster};

/// A database system on which tests run.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Backend {
    Sqlite,
    Postgres,
}

/// The database of one test.
#[derive(Debug)]
pub struct Database {
    pub backend: Backend,
    /// The URL, as an operator writes it.
    pub url: String,
    _folder: Option<TempDir>,
}

/// Runs a test on one database system, if it is [`available`].
pub fn run_on<F: Future<Output = ()>>(backend: Backend, test: impl FnOnce(TestApp) -> F) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        if let Some(database) = Database::migrated(backend).await {
            test(TestApp::over_database(database).await).await;
        }
    });
}

impl Database {
    /// A database with the current schema; `None` if the machine has no such database system.
    pub async fn migrated(backend: Backend) -> Option<Self> {
        let database = match backend {
            Backend::Sqlite => Self::empty(backend).await?,
            // Copying a database is much faster than migrating one.
            Backend::Postgres => return Self::postgres("atelier_template").await,
        };
        database.migrate().await;
        Some(database)
    }

    /// An empty database.
    pub async fn empty(backend: Backend) -> Option<Self> {
        match backend {
            Backend::Sqlite => {
                let folder = tempfile::tempdir().unwrap();
                let url = format!("sqlite:{}", folder.path().join("test.db").display());
                Some(Self { backend, url, _folder: Some(folder) })
            }
            Backend::Postgres => Self::postgres("template0").await,
        }
    }

    /// A database with the current schema, in this folder.
    pub async fn in_folder(folder: &Path) -> Self {
        let url = format!("sqlite:{}", folder.join("test.db").display());
        let database = Self { backend: Backend::Sqlite, url, _folder: None };
        database.migrate().await;
        database
    }

    /// A PostgreSQL database at this URL.
    pub fn at(url: String) -> Self {
        Self { backend: Backend::Postgres, url, _folder: None }
    }

    /// A database with the current schema, on this cluster.
    pub async fn on_cluster(cluster: &Cluster) -> Self {
        cluster.create_database("test", "template0").await;
        let database = Self { backend: Backend::Postgres, url: cluster.url("test"), _folder: None };
        database.migrate().await;
        database
    }

    async fn postgres(template: &str) -> Option<Self> {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        static CREATE_LOCK: Mutex<()> = Mutex::const_new(());
        static TEMPLATE: OnceCell<()> = OnceCell::const_new();
        let cluster = available(Cluster::shared())?;
        TEMPLATE
            .get_or_init(|| async {
                cluster.create_database("atelier_template", "template0").await;
                let url = cluster.url("atelier_template");
                Self { backend: Backend::Postgres, url, _folder: None }.migrate().await;
            })
            .await;
        let name = format!("test_{}", NUMBER.fetch_add(1, Ordering::Relaxed));
        let _guard = CREATE_LOCK.lock().await;
        cluster.create_database(&name, template).await;
        Some(Self { backend: Backend::Postgres, url: cluster.url(&name), _folder: None })
    }

    async fn migrate(&self) {
        let store = self.open(Options { connections: 2, ..Options::default() }).await;
        store.migrate_up().await.unwrap();
        store.close().await;
    }

    /// Opens a store over this database.
    pub async fn open(&self, options: Options) -> Store {
        Store::open(&self.url.parse::<DatabaseUrl>().unwrap(), options).await.unwrap()
    }

    /// Runs a statement past the store.
    pub async fn execute(&self, sql: &str) -> Result<u64, sea_orm::DbErr> {
        let connection = Connector::connect(&self.url).await?;
        let result = connection.execute_unprepared(sql).await;
        connection.close().await?;
        result.map(|result| result.rows_affected())
    }

    /// Blocks all other writers until the transaction ends.
    pub async fn block_writes(&self) -> HeldTransaction {
        match self.backend {
            Backend::Sqlite => self.begin("BEGIN IMMEDIATE").await,
            Backend::Postgres => self.begin("BEGIN; LOCK TABLE workshops IN EXCLUSIVE MODE").await,
        }
    }

    /// Locks a workshop until the transaction ends, on PostgreSQL.
    pub async fn lock_workshop(&self, workshop: &Workshop) -> HeldTransaction {
        let id = workshop.id.parse::<WorkshopId>().unwrap().uuid();
        self.transaction(&format!("SELECT id FROM workshops WHERE id = '{id}' FOR UPDATE")).await
    }

    /// Begins a transaction with this statement.
    pub async fn transaction(&self, sql: &str) -> HeldTransaction {
        self.begin(&format!("BEGIN; {sql}")).await
    }

    async fn begin(&self, sql: &str) -> HeldTransaction {
        let mut options = sea_orm::ConnectOptions::new(&self.url);
        options.max_connections(1);
        let connection = Connector::connect(options).await.unwrap();
        connection.execute_unprepared(sql).await.unwrap();
        HeldTransaction(connection)
    }

    /// The plan of a statement with unknown parameters; on PostgreSQL without a sort if possible.
    pub async fn plan(&self, sql: &str, may_sort: bool) -> Vec<String> {
        let mut options = sea_orm::ConnectOptions::new(&self.url);
        options.max_connections(1);
        let connection = Connector::connect(options).await.unwrap();
        let (explain, column) = match self.backend {
            Backend::Sqlite => (format!("EXPLAIN QUERY PLAN {sql}"), 3),
            Backend::Postgres => {
                // PostgreSQL would scan and sort a small table. The plan must show whether it has to.
                let prepare = format!(
                    "SET enable_seqscan = off; SET enable_bitmapscan = off; SET enable_sort = {may_sort}; \
                     SET plan_cache_mode = force_generic_plan; PREPARE statement AS {sql}"
                );
                connection.execute_unprepared(&prepare).await.unwrap();
                let nulls = vec!["NULL"; sql.matches('$').count()].join(", ");
                let nulls = if nulls.is_empty() { nulls } else { format!(" ({nulls})") };
                (format!("EXPLAIN EXECUTE statement{nulls}"), 0)
            }
        };
        let statement = sea_orm::Statement::from_string(connection.get_database_backend(), explain);
        let rows = connection.query_all_raw(statement).await.unwrap();
        connection.close().await.unwrap();
        rows.iter().map(|row| row.try_get_by_index(column).unwrap()).collect()
    }

    /// Runs a statement that returns one number.
    pub async fn number(&self, sql: &str) -> i64 {
        let connection = Connector::connect(&self.url).await.unwrap();
        let number = query_number(&connection, sql).await;
        connection.close().await.unwrap();
        number
    }

    /// Waits until a statement returns another number than 0.
    pub async fn wait_for(&self, sql: &str) {
        let connection = Connector::connect(&self.url).await.unwrap();
        in_time(async { while query_number(&connection, sql).await == 0 {} }).await;
        connection.close().await.unwrap();
    }

    /// Waits until at least so many connections wait for a lock, on PostgreSQL.
    pub async fn wait_for_lock_waiters(&self, connections: u32) {
        let enough = format!(
            "SELECT CAST(COUNT(*) >= {connections} AS INTEGER)::bigint FROM pg_stat_activity \
             WHERE datname = current_database() AND wait_event_type = 'Lock'"
        );
        self.wait_for(&enough).await;
    }
}

async fn query_number(connection: &sea_orm::DatabaseConnection, sql: &str) -> i64 {
    let statement = sea_orm::Statement::from_string(connection.get_database_backend(), sql);
    let row = connection.query_one_raw(statement).await.unwrap().expect("one row");
    row.try_get_by_index(0).unwrap()
}

/// An open transaction of a test, with its locks.
#[derive(Debug)]
pub struct HeldTransaction(sea_orm::DatabaseConnection);

impl HeldTransaction {
    /// Runs one more statement.
    pub async fn run(&self, sql: &str) {
        self.0.execute_unprepared(sql).await.unwrap();
    }

    pub async fn rollback(self) {
        self.finish("ROLLBACK").await;
    }

    pub async fn commit(self) {
        self.finish("COMMIT").await;
    }

    async fn finish(self, statement: &str) {
        self.0.execute_unprepared(statement).await.unwrap();
        self.0.close().await.unwrap();
    }
}

/// Passes a cluster, or another program that tests need, through. If there is none, prints that once, or panics if
/// `ATELIER_REQUIRE_POSTGRES` is 1.
pub fn available<T>(cluster: Option<T>) -> Option<T> {
    if cluster.is_none() {
        assert!(std::env::var_os("ATELIER_REQUIRE_POSTGRES").is_none_or(|value| value != "1"), "{MISSING}");
        warn_once();
    }
    cluster
}

const MISSING: &str = "the PostgreSQL programs (initdb, pg_ctl), PgBouncer or nginx are not on this machine";

fn warn_once() {
    static WARNED: std::sync::Once = std::sync::Once::new();
    // Written directly to stderr, because the test runner captures the output of tests.
    WARNED.call_once(|| {
        let _ = writeln!(std::io::stderr(), "\nTests are skipped: {MISSING}.");
    });
}
