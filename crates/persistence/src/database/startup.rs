use std::{io, time::Duration};

use sea_orm::DbErr;
use tokio::time::{Instant, sleep_until, timeout_at};

use crate::{
    DatabaseUrl, StoreError,
    error::{connect_error, is_not_ready},
};

/// How long to wait before another attempt.
const RETRY_INTERVAL: Duration = Duration::from_millis(100);

/// The start of a store, during which the database can be starting, too.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Startup {
    /// `None`: the database is a file, and never starting.
    deadline: Option<Instant>,
}

impl Startup {
    /// A start that waits this long for PostgreSQL.
    pub(crate) fn begin(url: &DatabaseUrl, timeout: Duration) -> Self {
        Self { deadline: url.is_postgres().then(|| Instant::now() + timeout) }
    }

    /// Repeats an attempt while the database is not ready. After the deadline it returns the reason.
    pub(crate) async fn retry<T, F>(&self, attempt: impl Fn() -> F) -> Result<T, StoreError>
    where
        F: Future<Output = Result<T, StoreError>>,
    {
        loop {
            let next_attempt = Instant::now() + RETRY_INTERVAL;
            match attempt().await {
                Err(StoreError::Unavailable(Some(error)))
                    if is_not_ready(&error) && self.deadline.is_some_and(|deadline| next_attempt < deadline) =>
                {
                    sleep_until(next_attempt).await;
                }
                result => return result,
            }
        }
    }

    /// The same for an attempt to connect, which also ends at the deadline.
    pub(crate) async fn connect<T, F>(&self, attempt: impl Fn() -> F) -> Result<T, StoreError>
    where
        F: Future<Output = Result<T, DbErr>>,
    {
        let attempt = || async {
            let Some(deadline) = self.deadline else { return Ok(attempt().await?) };
            let connected = timeout_at(deadline, attempt()).await;
            Ok(connected.unwrap_or_else(|_| Err(connect_error(io::Error::from(io::ErrorKind::TimedOut).into())))?)
        };
        self.retry(attempt).await
    }
}
