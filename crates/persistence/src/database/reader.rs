//! Where is read from for clients.
//!
//! sqlx asks a connection whether it is well each time it comes back to the pool, which is a round trip and a task beside
//! every statement. So on PostgreSQL a few connections stay in hand from one statement to the next, each for a second at
//! most: then the pool has it, and looks it over as it does with all others.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use futures_util::FutureExt;
use sea_orm::{
    ConnAcquireErr, ConnectionTrait, DatabaseConnection, DbBackend, DbErr, ExecResult, QueryResult, Statement,
    sea_query::Values,
    sqlx::{self, AssertSqlSafe, PgPool, Postgres, pool::PoolConnection},
};
use sea_query_sqlx::SqlxValues;

use crate::{
    database::{connect::QueryObserver, transaction::ReconnectPolicy},
    error::{self, is_lost_connection},
};

/// How long a connection stays in hand.
const IN_HAND: Duration = Duration::from_secs(1);

/// A database that is only read.
#[derive(Clone)]
pub(crate) struct Reader {
    db: DatabaseConnection,
    in_hand: Option<Arc<InHand>>,
}

struct InHand {
    held: Mutex<Held>,
    heard: QueryObserver,
}

/// Connections that nobody uses just now.
#[derive(Default)]
struct Held {
    idle: Vec<Taken>,
    /// How many of them there may be.
    most: usize,
}

/// A connection that was taken from the pool.
struct Taken {
    connection: PoolConnection<Postgres>,
    since: Instant,
}

impl Reader {
    /// A reader of this pool, half of whose connections it keeps in hand at most: changes need some, too.
    pub(crate) fn new(db: &DatabaseConnection, heard: QueryObserver) -> Self {
        let in_hand = || {
            let connections = db.get_postgres_connection_pool().options().get_max_connections();
            let most = usize::try_from(connections / 2).unwrap_or_default();
            Arc::new(InHand { held: Mutex::new(Held { idle: Vec::new(), most }), heard })
        };
        let is_postgres = db.get_database_backend() == DbBackend::Postgres;
        Self { db: db.clone(), in_hand: is_postgres.then(in_hand) }
    }

    /// Gives back to the pool what is in hand, and keeps nothing any more.
    pub(crate) fn close(&self) {
        if let Some(in_hand) = &self.in_hand {
            *in_hand.lock() = Held::default();
        }
    }
}

impl InHand {
    /// Runs a statement, on another connection as long as one turns out to be dead: it only reads.
    async fn query(&self, pool: &PgPool, statement: &Statement) -> Result<Vec<QueryResult>, DbErr> {
        let exchange = ReconnectPolicy::begin();
        let mut in_hand = self.take();
        loop {
            let taken = match in_hand.take() {
                Some(taken) => taken,
                None => {
                    // Boxed: there is all in it that makes a connection.
                    let connection = pool.acquire().boxed().await.map_err(not_acquired)?;
                    Taken { connection, since: Instant::now() }
                }
            };
            match self.run(taken, statement).await {
                Err(error) if is_lost_connection(&error) && exchange.goes_on() => {}
                done => return done,
            }
        }
    }

    async fn run(&self, mut taken: Taken, statement: &Statement) -> Result<Vec<QueryResult>, DbErr> {
        let values = statement.values.clone().unwrap_or(Values(Vec::new()));
        let query = sqlx::query_with(AssertSqlSafe(statement.sql.as_str()), SqlxValues(values));
        let begun = Instant::now();
        let rows = query.fetch_all(&mut *taken.connection).await;
        (self.heard)(&statement.sql, begun.elapsed(), rows.is_err());
        // After an error the pool looks at it.
        let rows = rows.map_err(error::of_query)?;
        self.put_back(taken);
        Ok(rows.into_iter().map(QueryResult::from).collect())
    }

    fn take(&self) -> Option<Taken> {
        self.lock().idle.pop()
    }

    fn put_back(&self, taken: Taken) {
        let mut held = self.lock();
        if taken.since.elapsed() < IN_HAND && held.idle.len() < held.most {
            held.idle.push(taken);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn not_acquired(error: sqlx::Error) -> DbErr {
    match error {
        sqlx::Error::PoolTimedOut => DbErr::ConnectionAcquire(ConnAcquireErr::Timeout),
        sqlx::Error::PoolClosed => DbErr::ConnectionAcquire(ConnAcquireErr::ConnectionClosed),
        error => error::of_connecting(error),
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
        match &self.in_hand {
            Some(_) => Ok(self.query_all_raw(statement).await?.into_iter().next()),
            None => self.db.query_one_raw(statement).await,
        }
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        match &self.in_hand {
            Some(in_hand) => in_hand.query(self.db.get_postgres_connection_pool(), &statement).await,
            None => self.db.query_all_raw(statement).await,
        }
    }
}
