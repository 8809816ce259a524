use std::time::Duration;

use sea_orm::{
    DatabaseConnection, DbErr, SqlxPostgresConnector,
    sqlx::{
        self, ConnectOptions, Connection, Row,
        postgres::{PgConnectOptions, PgConnection, PgPoolOptions},
    },
};

use super::session_settings::SessionSettings;
use crate::{Options, error::connect_error};

/// The application name that PostgreSQL shows for a connection.
const APPLICATION_NAME: &str = "atelier";

/// How long a connection can be idle before it is tested. A restart of PostgreSQL takes longer, so the pool detects
/// connections that died in it before it hands them out. A busy connection is not tested each time.
const TEST_AFTER: Duration = Duration::from_millis(100);

/// A pool with one open connection.
pub(super) async fn pool(
    server: &PgConnectOptions,
    connections: u32,
    options: &Options,
) -> Result<DatabaseConnection, DbErr> {
    let pool = pool_options(connections, options).connect_with(connect_options(server)).await.map_err(connect_error)?;
    Ok(SqlxPostgresConnector::from_sqlx_postgres_pool(pool))
}

/// A pool that connects when it is used.
pub(super) fn lazy_pool(server: &PgConnectOptions, connections: u32, options: &Options) -> DatabaseConnection {
    let pool = pool_options(connections, options).connect_lazy_with(connect_options(server));
    SqlxPostgresConnector::from_sqlx_postgres_pool(pool)
}

fn pool_options(connections: u32, options: &Options) -> PgPoolOptions {
    let settings = SessionSettings::new(options);
    PgPoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(options.acquire_timeout)
        .test_before_acquire(false)
        .before_acquire(|connection, meta| {
            Box::pin(async move {
                if meta.idle_for >= TEST_AFTER {
                    connection.ping().await?;
                }
                Ok(true)
            })
        })
        .after_connect(move |connection, _| {
            let settings = settings.clone();
            Box::pin(async move { settings.apply(connection).await })
        })
}

fn connect_options(server: &PgConnectOptions) -> PgConnectOptions {
    server.clone().application_name(APPLICATION_NAME).disable_statement_logging()
}

/// Fails with the reason if Atelier cannot work with this database.
pub(super) async fn ensure_supported(server: &PgConnectOptions, options: &Options) -> Result<(), DbErr> {
    let server = connect_options(server);
    let mut one = server.connect().await.map_err(connect_error)?;
    let mut other = server.connect().await.map_err(connect_error)?;
    let problem = find_problem(&mut one, &mut other, &SessionSettings::new(options)).await.map_err(connect_error)?;
    for connection in [one, other] {
        connection.close().await.map_err(connect_error)?;
    }
    problem.map_or(Ok(()), |problem| Err(DbErr::Custom(problem)))
}

/// Why Atelier cannot work with this database.
async fn find_problem(
    one: &mut PgConnection,
    other: &mut PgConnection,
    settings: &SessionSettings,
) -> Result<Option<String>, sqlx::Error> {
    let encoding = text(one, "SHOW server_encoding").await?;
    if encoding != "UTF8" {
        return Ok(Some(format!(
            "the database stores text as {encoding}, and Atelier needs UTF8; create another database with \
             `createdb -E UTF8 -T template0`"
        )));
    }
    // Two connections have two sessions, unless a pooler assigns sessions to transactions.
    let session = text(one, SESSION).await?;
    sqlx::raw_sql("BEGIN").execute(&mut *other).await?;
    let is_shared = text(other, SESSION).await? == session || text(one, SESSION).await? != session;
    sqlx::raw_sql("ROLLBACK").execute(other).await?;
    if is_shared {
        return Ok(Some(
            "a connection pooler assigns a session to each transaction, which loses settings and notifications; set \
             `pool_mode = session` for this database, or connect to PostgreSQL itself"
                .to_owned(),
        ));
    }
    match settings.apply(one).await {
        Err(sqlx::Error::Configuration(reason)) => Ok(Some(reason.to_string())),
        result => result.map(|()| None),
    }
}

const SESSION: &str = "SELECT pg_backend_pid()::text";

/// Runs a statement without preparing it, and returns its only value.
async fn text(connection: &mut PgConnection, sql: &'static str) -> Result<String, sqlx::Error> {
    sqlx::raw_sql(sql).fetch_one(connection).await?.try_get(0)
}
