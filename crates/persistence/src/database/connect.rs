//! Connections: SQLite with one writer and a pool of readers, PostgreSQL with one pool for both and two for lanes and waits.

use std::sync::Arc;

use futures_util::{FutureExt, future::BoxFuture};
use sea_orm::{DatabaseConnection, DbErr};

use super::{pool_sizes::PoolSizes, postgres, probe, sqlite, startup::Startup, url::Target};
use crate::{DatabaseUrl, ExecutedQuery, Options, QueryObserver, StoreError, metrics::Statements};

/// The connections of a store.
#[derive(Clone, Debug)]
pub(crate) struct Connections {
    pub(crate) write: DatabaseConnection,
    pub(crate) read: DatabaseConnection,
    /// Writes that wait for another transaction.
    pub(crate) waiting: DatabaseConnection,
}

/// The observer of a store: it counts every statement, then calls the observer of the options.
pub(crate) fn query_observer(options: &Options, statements: &Statements) -> QueryObserver {
    let (observer, statements) = (options.observer.clone(), statements.clone());
    Arc::new(move |query| {
        statements.record(&query);
        if let Some(observer) = &observer {
            observer(query);
        }
    })
}

pub(crate) async fn connect(
    url: &DatabaseUrl,
    options: &Options,
    observer: &QueryObserver,
) -> Result<Connections, DbErr> {
    let Connections { mut write, mut read, mut waiting } = match url.target() {
        Target::Sqlite(file) => sqlite::connect(file, options).await?,
        Target::Postgres(server) => {
            // The pool tries again by itself, and in the end reports only a timeout.
            probe::try_to_connect(url).await?;
            postgres::ensure_supported(server, options).await?;
            let sizes = PoolSizes::new(options);
            let pool = postgres::pool(server, sizes.other, options).await?;
            let waiting = postgres::lazy_pool(server, sizes.waiting, options);
            Connections { write: pool.clone(), read: pool, waiting }
        }
    };
    for pool in [&mut write, &mut read, &mut waiting] {
        observe(pool, observer.clone());
    }
    Ok(Connections { write, read, waiting })
}

/// Reports every statement of a pool to an observer.
fn observe(pool: &mut DatabaseConnection, observer: QueryObserver) {
    pool.set_metric_callback(move |info| {
        observer(ExecutedQuery { text: &info.statement.sql, elapsed: info.elapsed, failed: info.failed });
    });
}

/// Connects the lanes: on PostgreSQL a separate pool with one connection per lane, on SQLite the writer that all share.
pub(crate) fn connect_lanes(
    connections: &Connections,
    url: &DatabaseUrl,
    options: &Options,
    observer: &QueryObserver,
    startup: Startup,
) -> BoxFuture<'static, Result<DatabaseConnection, StoreError>> {
    let (write, observer) = (connections.write.clone(), observer.clone());
    let (target, options) = (url.target().clone(), options.clone());
    async move {
        let Target::Postgres(server) = target else { return Ok(write) };
        let mut db = startup.connect(|| postgres::pool(&server, PoolSizes::new(&options).lanes, &options)).await?;
        observe(&mut db, observer);
        Ok(db)
    }
    .boxed()
}
