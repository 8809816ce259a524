use std::sync::Arc;

use sea_orm::sqlx::{self, AssertSqlSafe, Executor, Row, postgres::PgConnection};

use crate::Options;

/// The settings of each session of PostgreSQL, in its base units (milliseconds). They are sent with `SET`, because poolers
/// reject them in the message that starts a session.
#[derive(Clone)]
pub(super) struct SessionSettings(Arc<[(&'static str, String)]>);

/// A setting that PostgreSQL accepts and ignores on a Unix socket.
const TCP_USER_TIMEOUT: &str = "tcp_user_timeout";

/// The longest duration of a statement.
pub(super) const STATEMENT_TIMEOUT: &str = "30000";

/// How long a transaction of a frozen server keeps its locks. Shorter than the default of `--database-timeout`, so that the
/// work that waits for the locks at other servers succeeds.
const FROZEN_SESSION_TIMEOUT: &str = "4000";

impl SessionSettings {
    pub(super) fn new(options: &Options) -> Self {
        let lock_timeout = options.lock_timeout.as_millis().to_string();
        let fixed = |name, value: &str| (name, value.to_owned());
        Self(Arc::new([
            // No statement waits for a lock, or runs, longer than a client waits for the server.
            ("lock_timeout", lock_timeout),
            fixed("statement_timeout", STATEMENT_TIMEOUT),
            // Frequently read pages are in memory or on an SSD, so random reads cost little more than sequential ones. With
            // PostgreSQL's default of 4 the planner scans thousands of rows instead of using an index.
            fixed("random_page_cost", "1.1"),
            // A server that is frozen or gone in the middle of a transaction loses its locks. A healthy server never idles
            // in a transaction: it decides in milliseconds. The second setting covers a server that does not even read the
            // response to a statement.
            fixed("idle_in_transaction_session_timeout", FROZEN_SESSION_TIMEOUT),
            fixed(TCP_USER_TIMEOUT, FROZEN_SESSION_TIMEOUT),
        ]))
    }

    /// Sets the settings, and checks in a second message that they hold.
    pub(super) async fn apply(&self, connection: &mut PgConnection) -> Result<(), sqlx::Error> {
        let set: Vec<_> = self.0.iter().map(|(name, value)| format!("SET {name} = {value}")).collect();
        connection.execute(AssertSqlSafe(set.join("; "))).await?;
        let checked: Vec<_> = self.0.iter().filter(|(name, _)| *name != TCP_USER_TIMEOUT).collect();
        let shown: Vec<_> = checked.iter().map(|(name, _)| format!("'{name}'")).collect();
        let show = format!("SELECT name, setting FROM pg_settings WHERE name IN ({})", shown.join(", "));
        let rows = sqlx::raw_sql(AssertSqlSafe(show)).fetch_all(connection).await?;
        let shown = rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?)));
        let shown: Vec<(String, String)> = shown.collect::<Result<_, sqlx::Error>>()?;
        let holds = |name: &str, value: &str| shown.iter().any(|(shown, set)| shown == name && set == value);
        match checked.into_iter().find(|(name, value)| !holds(name, value)) {
            Some((name, value)) => {
                let reason =
                    format!("PostgreSQL, or a pooler in front of it, did not apply the setting {name} = {value}");
                Err(sqlx::Error::Configuration(reason.into()))
            }
            None => Ok(()),
        }
    }
}
