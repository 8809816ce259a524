//! Probes: whether the database responds, checked outside the pool. The pool waits for a free connection and for a
//! PostgreSQL that is gone, and in the end reports only a timeout.

use sea_orm::{
    ConnAcquireErr, DatabaseConnection, DbErr,
    sqlx::{
        ConnectOptions, Connection,
        postgres::{PgConnectOptions, PgConnection},
    },
};
use tokio::sync::Mutex;

use crate::{DatabaseUrl, error::connect_error};

/// The application name that PostgreSQL shows for a probe's connection.
const APPLICATION_NAME: &str = "atelier probe";

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

/// Checks once whether PostgreSQL accepts a connection, and returns the reason if not.
pub(crate) async fn try_to_connect(url: &DatabaseUrl) -> Result<(), DbErr> {
    let Some(options) = url.postgres_options(APPLICATION_NAME) else { return Ok(()) };
    let connection = options.connect().await.map_err(connect_error)?;
    connection.close().await.map_err(connect_error)
}
