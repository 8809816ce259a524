use std::{convert::Infallible, sync::Arc, time::Duration};

use sea_orm::sqlx::{
    self,
    postgres::{PgConnectOptions, PgListener, PgPoolOptions},
};
use tokio::{sync::watch, time::Instant};

use super::{
    notify::{self, CHANNEL},
    signal::Signal,
};
use crate::database::redacted_error::RedactedDriverError;

/// The delay before the first and before the last attempt to reconnect.
const BACKOFF: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(1));

/// The longest time to connect.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// Listens to the notifications of other servers while there are subscriptions. Its connection has no statement timeout:
/// it only waits.
pub(super) async fn listen(
    options: PgConnectOptions,
    feed: Arc<Signal>,
    origin: String,
    mut has_followers: watch::Receiver<bool>,
) {
    let mut wait = BACKOFF.0;
    // An error means that the feed is gone.
    while has_followers.wait_for(|has_followers| *has_followers).await.is_ok() {
        let received = async {
            let mut listener = connect(&options).await?;
            // Notifications from before the connection are lost.
            feed.mark_everything();
            wait = BACKOFF.0;
            receive(&mut listener, &feed, &origin).await
        };
        let error: sqlx::Error = tokio::select! {
            Err(error) = received => error,
            _ = has_followers.wait_for(|has_followers| !*has_followers) => continue,
        };
        let error = RedactedDriverError(&error);
        tracing::warn!(%error, "the connection for notifications of other servers was lost; it is made again");
        tokio::time::sleep_until(Instant::now() + wait).await;
        wait = (wait * 2).min(BACKOFF.1);
    }
}

async fn connect(options: &PgConnectOptions) -> Result<PgListener, sqlx::Error> {
    let pool = PgPoolOptions::new().max_connections(1).max_lifetime(None).idle_timeout(None);
    let pool = pool.acquire_timeout(CONNECT_TIMEOUT).connect_with(options.clone()).await?;
    let mut listener = PgListener::connect_with(&pool).await?;
    // An automatic reconnect would be silent, but everything has to be read after it.
    listener.eager_reconnect(false);
    listener.listen(CHANNEL).await?;
    Ok(listener)
}

/// Receives notifications until the connection is lost.
async fn receive(listener: &mut PgListener, feed: &Signal, origin: &str) -> Result<Infallible, sqlx::Error> {
    while let Some(notification) = listener.try_recv().await? {
        match notify::decode(notification.payload(), origin) {
            Some(dirty) if dirty.everything => feed.mark_everything(),
            Some(dirty) => feed.mark(dirty.workshops),
            None => {}
        }
    }
    Err(sqlx::Error::PoolClosed)
}
