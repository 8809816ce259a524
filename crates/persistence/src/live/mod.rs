//! Live updates: the seats of a workshop when they change, and the journal as it grows.
//!
//! A store has one **feed**, a task that reads the changes once for all subscriptions. Three things wake the feed: each
//! commit of this process; notifications of other servers on the same PostgreSQL, through `NOTIFY`; and, while there are
//! subscriptions, a timer. The timer is needed because a server can die between its commit and its notification, because
//! two processes can share one SQLite file, and because time itself opens and closes a workshop. A wake only triggers a
//! read: everything that is delivered comes from the database.
mod changes;
mod feed;
mod journal;
mod listen;
mod notify;
mod seats;
mod signal;
mod subscription;

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use domain::WorkshopId;
use futures_util::{Stream, future::BoxFuture};
use sea_orm::DatabaseConnection;
use tokio::{
    sync::{mpsc, oneshot, watch},
    task::JoinSet,
    time::{Instant, sleep_until},
};
use uuid::Uuid;

use crate::{
    ChangeFilter, ChangeRow, Clock, Cursor, DatabaseUrl, Store, StoreError, View, database::connect::Connections,
    metrics::FeedMetrics,
};
use changes::Changes;
use feed::{Feed, Request};
use signal::Signal;

pub use seats::SeatsSnapshot;
pub use subscription::SeatUpdates;

/// The capacity of the feed's queue of requests.
const REQUESTS: usize = 1024;

/// How long a subscription waits before it retries an unavailable database.
const RETRY_INTERVAL: Duration = Duration::from_millis(500);

/// Returns the result of a read for a subscription. `None`, after a while: the database was unavailable; read again.
async fn unless_unavailable<T>(result: Result<T, StoreError>) -> Option<Result<T, StoreError>> {
    if matches!(&result, Err(fault) if fault.is_database_unavailable()) {
        sleep_until(Instant::now() + RETRY_INTERVAL).await;
        return None;
    }
    Some(result)
}

/// The number of subscriptions at this moment.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct FollowerCounts {
    /// Workshops whose seats have subscribers.
    pub watched_workshops: usize,
    /// Subscriptions that follow the journal.
    pub journal_followers: usize,
}

/// The feed of a store, with the tasks that wake it.
pub(crate) struct Live {
    requests: mpsc::Sender<Request>,
    notifier: ChangeNotifier,
    tasks: Mutex<JoinSet<()>>,
}

/// Notifies the feed, and the feeds of other servers, of committed changes.
#[derive(Clone)]
pub(crate) struct ChangeNotifier {
    feed: Arc<Signal>,
    other_servers: Option<Arc<Signal>>,
}

impl ChangeNotifier {
    /// Reports that these workshops can have changed. Only after the commit.
    pub(crate) fn notify(&self, workshops: &BTreeSet<WorkshopId>) {
        if workshops.is_empty() {
            return;
        }
        for signal in [Some(&self.feed), self.other_servers.as_ref()].into_iter().flatten() {
            signal.mark(workshops.iter().copied());
        }
    }
}

impl Live {
    pub(crate) fn start(connections: &Connections, url: &DatabaseUrl, clock: &Clock, metrics: &FeedMetrics) -> Self {
        let (requests, received) = mpsc::channel(REQUESTS);
        let (sender, has_followers) = watch::channel(false);
        let feed = Arc::new(Signal::default());
        let mut tasks = JoinSet::new();
        let (read, clock, metrics) = (connections.read.clone(), clock.clone(), metrics.clone());
        tasks.spawn(Feed::new(read, clock, feed.clone(), received, sender, metrics).run());
        let mut notifier = ChangeNotifier { feed: feed.clone(), other_servers: None };
        if let Some(options) = url.postgres_options("atelier listener") {
            // Identifies our own notifications, which the feed has already received directly.
            let origin = Uuid::now_v7().simple().to_string();
            let others = Arc::new(Signal::default());
            tasks.spawn(notify::run(connections.write.clone(), others.clone(), origin.clone()));
            tasks.spawn(listen::listen(options, feed, origin, has_followers));
            notifier.other_servers = Some(others);
        }
        Self { requests, notifier, tasks: Mutex::new(tasks) }
    }

    pub(crate) fn notifier(&self) -> ChangeNotifier {
        self.notifier.clone()
    }

    /// Ends all subscriptions. The lanes have stopped by now.
    pub(crate) async fn close(&self, write: &DatabaseConnection) {
        let mut tasks = std::mem::take(&mut *self.tasks.lock().unwrap_or_else(PoisonError::into_inner));
        tasks.shutdown().await;
        // Without this, the other servers would see the last commits only when their timers fire.
        if let Some(others) = &self.notifier.other_servers {
            notify::send(write, &others.take(), "").await;
        }
    }

    async fn request<T>(
        &self,
        request: impl FnOnce(oneshot::Sender<Result<T, StoreError>>) -> Request,
    ) -> Result<T, StoreError> {
        let (reply, response) = oneshot::channel();
        self.requests.send(request(reply)).await.map_err(|_| StoreError::Stopping)?;
        response.await.unwrap_or(Err(StoreError::Stopping))
    }
}

impl Store {
    /// The seats of a workshop now, and then whenever they change; `None`: the caller can see no such workshop. A slow
    /// client gets the newest state, never a queue of old ones.
    pub async fn watch_seats(&self, view: &View, workshop: WorkshopId) -> Result<Option<SeatUpdates>, StoreError> {
        if view.workshops(&[workshop]).await?.is_empty() {
            return Ok(None);
        }
        let seats = self.live.request(|reply| Request::Watch(workshop, reply)).await?;
        Ok(seats.map(|seats| SeatUpdates::new(view.clone(), seats, self.live.notifier.feed.clone())))
    }

    /// The journal as it grows, in the order of [`View::list_changes`]: all visible entries after the cursor, or, without
    /// one, all new entries. The stream ends when the store closes, and after a fault. A client then continues from its
    /// last cursor. New entries come from the feed. Before the stream reads up to so many entries from the database, it
    /// awaits `before_reading`.
    pub async fn follow_changes<R>(
        &self,
        view: View,
        after: Option<Cursor>,
        filter: ChangeFilter,
        before_reading: R,
    ) -> Result<impl Stream<Item = Result<ChangeRow, StoreError>> + Send + use<R>, StoreError>
    where
        R: Fn(usize) -> BoxFuture<'static, ()> + Send + 'static,
    {
        let tail = self.live.request(Request::Follow).await?;
        Ok(Changes::new(view, filter, after, before_reading, tail, self.live.notifier.feed.clone()).into_stream())
    }

    /// The number of subscriptions at this moment.
    pub async fn follower_counts(&self) -> Result<FollowerCounts, StoreError> {
        self.live.request(Request::Count).await
    }
}
