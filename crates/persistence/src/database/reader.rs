//! The connection that reads for clients use.
//!
//! sqlx tests a connection each time it returns to the pool, which costs a round trip and a task beside every statement.
//! So on PostgreSQL the reader keeps a few idle connections between statements, each for one second at most. Then the
//! pool gets it back and tests it like all others.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use futures_util::FutureExt;
use sea_orm::{
    ConnAcquireErr, ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, ExecResult,
    QueryResult, Statement,
    sea_query::Values,
    sqlx::{self, AssertSqlSafe, PgPool, Postgres, pool::PoolConnection},
};
use sea_query_sqlx::SqlxValues;

use crate::{
    ExecutedQuery, QueryObserver,
    database::transaction::{ReconnectPolicy, begin_snapshot},
    error::{self, is_lost_connection},
};

/// How long the reader keeps a connection.
const KEEP_FOR: Duration = Duration::from_secs(1);

/// A database that is only read.
#[derive(Clone)]
pub(crate) struct Reader {
    db: DatabaseConnection,
    kept: Option<Arc<KeptConnections>>,
}

/// Idle connections outside the pool.
struct KeptConnections {
    idle: Mutex<IdleConnections>,
    observer: QueryObserver,
}

#[derive(Default)]
struct IdleConnections {
    connections: Vec<KeptConnection>,
    capacity: usize,
}

struct KeptConnection {
    connection: PoolConnection<Postgres>,
    /// When it was taken from the pool.
    since: Instant,
}

impl Reader {
    /// A reader of this pool. It keeps at most half of the connections, because changes need some, too.
    pub(crate) fn new(db: &DatabaseConnection, observer: QueryObserver) -> Self {
        let kept = || {
            let connections = db.get_postgres_connection_pool().options().get_max_connections();
            let capacity = usize::try_from(connections / 2).unwrap_or_default();
            let idle = Mutex::new(IdleConnections { connections: Vec::new(), capacity });
            Arc::new(KeptConnections { idle, observer })
        };
        let is_postgres = db.get_database_backend() == DbBackend::Postgres;
        Self { db: db.clone(), kept: is_postgres.then(kept) }
    }

    /// Begins a read-only transaction in which every statement sees the database as of the first one.
    pub(crate) async fn begin_snapshot(&self) -> Result<DatabaseTransaction, DbErr> {
        begin_snapshot(&self.db).await
    }

    /// Returns all kept connections to the pool and keeps none from now on.
    pub(crate) fn close(&self) {
        if let Some(kept) = &self.kept {
            *kept.lock() = IdleConnections::default();
        }
    }
}

impl KeptConnections {
    /// Runs a statement. If the connection turns out to be dead, it retries on another one: the statement only reads.
    async fn query(&self, pool: &PgPool, statement: &Statement) -> Result<Vec<QueryResult>, DbErr> {
        let reconnect = ReconnectPolicy::start();
        let mut kept = self.take();
        loop {
            let connection = match kept.take() {
                Some(connection) => connection,
                None => {
                    // Boxed, because the future that makes a connection is large.
                    let connection = pool.acquire().boxed().await.map_err(acquire_error)?;
                    KeptConnection { connection, since: Instant::now() }
                }
            };
            match self.run(connection, statement).await {
                Err(error) if is_lost_connection(&error) && reconnect.has_time() => {}
                result => return result,
            }
        }
    }

    async fn run(&self, mut kept: KeptConnection, statement: &Statement) -> Result<Vec<QueryResult>, DbErr> {
        let values = statement.values.clone().unwrap_or(Values(Vec::new()));
        let query = sqlx::query_with(AssertSqlSafe(statement.sql.as_str()), SqlxValues(values));
        let started = Instant::now();
        let rows = query.fetch_all(&mut *kept.connection).await;
        let (text, elapsed, failed) = (statement.sql.as_str(), started.elapsed(), rows.is_err());
        (self.observer)(ExecutedQuery { text, elapsed, failed });
        // After an error the connection returns to the pool, which tests it.
        let rows = rows.map_err(error::query_error)?;
        self.put_back(kept);
        Ok(rows.into_iter().map(QueryResult::from).collect())
    }

    fn take(&self) -> Option<KeptConnection> {
        self.lock().connections.pop()
    }

    fn put_back(&self, kept: KeptConnection) {
        let mut idle = self.lock();
        if kept.since.elapsed() < KEEP_FOR && idle.connections.len() < idle.capacity {
            idle.connections.push(kept);
        }
    }

    fn lock(&self) -> MutexGuard<'_, IdleConnections> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn acquire_error(error: sqlx::Error) -> DbErr {
    match error {
        sqlx::Error::PoolTimedOut => DbErr::ConnectionAcquire(ConnAcquireErr::Timeout),
        sqlx::Error::PoolClosed => DbErr::ConnectionAcquire(ConnAcquireErr::ConnectionClosed),
        error => error::connect_error(error),
    }
}

#[async_trait::async_trait]
impl ConnectionTrait for Reader {
    fn get_database_backend(&self) -> DbBackend {
        self.db.get_database_backend()
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.db.execute_raw(statement).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.db.execute_unprepared(sql).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        match &self.kept {
            Some(_) => Ok(self.query_all_raw(statement).await?.into_iter().next()),
            None => self.db.query_one_raw(statement).await,
        }
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        match &self.kept {
            Some(kept) => kept.query(self.db.get_postgres_connection_pool(), &statement).await,
            None => self.db.query_all_raw(statement).await,
        }
    }
}
