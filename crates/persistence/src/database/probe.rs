//! Whether the database is there, asked past the pool: that one waits for a free connection, and for a PostgreSQL that is
//! gone, and says no more in the end than that it took too long.

use std::{io, time::Duration};

use sea_orm::{
    ConnAcquireErr, DatabaseConnection, DbBackend, DbErr,
    sqlx::{
        self, ConnectOptions, Connection,
        postgres::{PgConnectOptions, PgConnection},
    },
};
use tokio::{
    sync::Mutex,
    time::{Instant, sleep_until, timeout_at},
};

use crate::{DatabaseUrl, error::of_connecting};

/// What PostgreSQL shows it as.
const NAME: &str = "atelier probe";

/// How soon a PostgreSQL that is starting is asked again.
const SOON: Duration = Duration::from_millis(100);

/// What asks a database whether it is there.
pub(crate) struct Probe {
    read: DatabaseConnection,
    /// How to reach a PostgreSQL; a file is as near by any connection.
    postgres: Option<PgConnectOptions>,
    /// The connection that answered last.
    known: Mutex<Option<PgConnection>>,
}

impl Probe {
    pub(crate) fn of(url: &DatabaseUrl, read: &DatabaseConnection) -> Result<Self, DbErr> {
        let is_postgres = read.get_database_backend() == DbBackend::Postgres;
        let postgres = is_postgres.then(|| url.postgres(NAME)).transpose()?;
        Ok(Self { read: read.clone(), postgres, known: Mutex::default() })
    }

    pub(crate) async fn ping(&self) -> Result<(), DbErr> {
        let Some(options) = &self.postgres else { return self.read.ping().await };
        if self.read.get_postgres_connection_pool().is_closed() {
            return Err(DbErr::ConnectionAcquire(ConnAcquireErr::ConnectionClosed));
        }
        // Taken out meanwhile: who gives up waiting leaves a connection behind that nobody can use.
        let mut known = self.known.lock().await;
        if let Some(mut connection) = known.take()
            && connection.ping().await.is_ok()
        {
            *known = Some(connection);
            return Ok(());
        }
        let mut connection = options.connect().await.map_err(of_connecting)?;
        connection.ping().await.map_err(of_connecting)?;
        *known = Some(connection);
        Ok(())
    }
}

/// Waits until a PostgreSQL lets somebody in, which may be starting as we are; says what keeps it from that.
pub(crate) async fn until_there(url: &DatabaseUrl, acquire_timeout: Duration) -> Result<(), DbErr> {
    let options = url.postgres(NAME)?;
    let deadline = Instant::now() + acquire_timeout;
    loop {
        let again = Instant::now() + SOON;
        match timeout_at(deadline, options.connect()).await {
            Ok(Ok(connection)) => return connection.close().await.map_err(of_connecting),
            Ok(Err(error)) if is_starting(&error) && again < deadline => sleep_until(again).await,
            Ok(Err(error)) => return Err(of_connecting(error)),
            Err(_) => return Err(of_connecting(io::Error::from(io::ErrorKind::TimedOut).into())),
        }
    }
}

fn is_starting(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(error) => error.kind() == io::ErrorKind::ConnectionRefused,
        sqlx::Error::Database(said) => said.is_transient_in_connect_phase(),
        _ => false,
    }
}
