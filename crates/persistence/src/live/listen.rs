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

/// How long the first attempt to connect again waits, and the last.
const BACKOFF: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(1));

/// The longest that connecting may take.
const CONNECT: Duration = Duration::from_secs(5);

/// Listens to the other servers as long as anybody here wants to know, on a connection of its own, without the time limits
/// of the others: it does nothing but wait.
pub(super) async fn listen(
    options: PgConnectOptions,
    feed: Arc<Signal>,
    origin: String,
    mut is_wanted: watch::Receiver<bool>,
) {
    let mut wait = BACKOFF.0;
    // An error means that the feed is gone.
    while is_wanted.wait_for(|wanted| *wanted).await.is_ok() {
        let heard = async {
            let mut listener = connect(&options).await?;
            // Whatever was said before we listened nobody will say again.
            feed.touch_everything();
            wait = BACKOFF.0;
            hear(&mut listener, &feed, &origin).await
        };
        let error: sqlx::Error = tokio::select! {
            Err(error) = heard => error,
            _ = is_wanted.wait_for(|wanted| !*wanted) => continue,
        };
        tracing::warn!(error = %RedactedDriverError(&error), "the connection that hears of other servers was lost; it is made again");
        tokio::time::sleep_until(Instant::now() + wait).await;
        wait = (wait * 2).min(BACKOFF.1);
    }
}

async fn connect(options: &PgConnectOptions) -> Result<PgListener, sqlx::Error> {
    let pool = PgPoolOptions::new().max_connections(1).max_lifetime(None).idle_timeout(None);
    let pool = pool.acquire_timeout(CONNECT).connect_with(options.clone()).await?;
    let mut listener = PgListener::connect_with(&pool).await?;
    // It would connect again by itself and not tell us, who have to read everything then.
    listener.eager_reconnect(false);
    listener.listen(CHANNEL).await?;
    Ok(listener)
}

/// Hears until the connection is lost.
async fn hear(listener: &mut PgListener, feed: &Signal, origin: &str) -> Result<Infallible, sqlx::Error> {
    while let Some(said) = listener.try_recv().await? {
        match notify::read(said.payload(), origin) {
            Some(touched) if touched.everything => feed.touch_everything(),
            Some(touched) => feed.touch(touched.workshops),
            None => {}
        }
    }
    Err(sqlx::Error::PoolClosed)
}
