//! Probes: whether the database responds, checked outside the pool. The pool waits for a free connection and for a
//! PostgreSQL that is gone, and in the end reports only a timeout.

use std::{io, time::Duration};

use sea_orm::{
    ConnAcquireErr, DatabaseConnection, DbErr,
    sqlx::{
        self, ConnectOptions, Connection,
        postgres::{PgConnectOptions, PgConnection},
    },
};
use tokio::{
    sync::Mutex,
    time::{Instant, sleep_until, timeout_at},
};

use crate::{DatabaseUrl, error::connect_error};

/// The application name that PostgreSQL shows for a probe's connection.
const APPLICATION_NAME: &str = "atelier probe";

/// How long to wait before another attempt to reach a PostgreSQL that is starting.
const RETRY_INTERVAL: Duration = Duration::from_millis(100);

/// Checks whether the database responds.
pub(crate) struct Probe {
    read: DatabaseConnection,
    /// How to connect to PostgreSQL. SQLite's file is checked through the pool.
    postgres: Option<PgConnectOptions>,
    /// The connection that responded to the last probe.
    connection: Mutex<Option<PgConnection>>,
}

impl Probe {
    pub(crate) fn new(url: &DatabaseUrl, read: &DatabaseConnection) -> Self {
        let postgres = url.postgres_options(APPLICATION_NAME);
        Self { read: read.clone(), postgres, connection: Mutex::default() }
    }

    pub(crate) async fn ping(&self) -> Result<(), DbErr> {
        let Some(options) = &self.postgres else { return self.read.ping().await };
        if self.read.get_postgres_connection_pool().is_closed() {
            return Err(DbErr::ConnectionAcquire(ConnAcquireErr::ConnectionClosed));
        }
        // Taken out during the ping: a caller that gives up in the middle leaves the connection in an unknown state.
        let mut reusable = self.connection.lock().await;
        if let Some(mut connection) = reusable.take()
            && connection.ping().await.is_ok()
        {
            *reusable = Some(connection);
            return Ok(());
        }
        let mut connection = options.connect().await.map_err(connect_error)?;
        connection.ping().await.map_err(connect_error)?;
        *reusable = Some(connection);
        Ok(())
    }
}

/// Waits until PostgreSQL accepts a connection, because it can be starting together with this server. After the timeout it
/// returns the reason.
pub(crate) async fn wait_until_ready(url: &DatabaseUrl, timeout: Duration) -> Result<(), DbErr> {
    let Some(options) = url.postgres_options(APPLICATION_NAME) else { return Ok(()) };
    let deadline = Instant::now() + timeout;
    loop {
        let next_attempt = Instant::now() + RETRY_INTERVAL;
        match timeout_at(deadline, options.connect()).await {
            Ok(Ok(connection)) => return connection.close().await.map_err(connect_error),
            Ok(Err(error)) if is_starting(&error) && next_attempt < deadline => sleep_until(next_attempt).await,
            Ok(Err(error)) => return Err(connect_error(error)),
            Err(_) => return Err(connect_error(io::Error::from(io::ErrorKind::TimedOut).into())),
        }
    }
}

fn is_starting(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(error) => error.kind() == io::ErrorKind::ConnectionRefused,
        sqlx::Error::Database(error) => error.is_transient_in_connect_phase(),
        _ => false,
    }
}
