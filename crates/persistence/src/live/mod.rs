//! What happens, told while it happens: the seats of a workshop, and the journal as it grows.
//!
//! A store has one **feed**, a task that reads what changed once for all who listen. It is woken after each commit of
//! this process; by the other servers on the same PostgreSQL, through `NOTIFY`; and by a slow clock as long as anybody
//! listens, for a server can die between its commit and its word to the others, two processes may share one SQLite file,
//! and time itself opens and closes a workshop. A wake only ever says "look": what is told comes out of the database.

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
};

use domain::WorkshopId;
use futures_util::Stream;
use sea_orm::{DatabaseConnection, DbBackend, DbErr};
use tokio::{
    sync::{mpsc, oneshot, watch},
    task::JoinSet,
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

/// Requests that may wait for the feed.
const REQUESTS: usize = 1024;

/// What is followed at the moment.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct FollowerCounts {
    /// Workshops whose seats somebody watches.
    pub workshops: usize,
    /// Readers of the journal.
    pub readers: usize,
}

/// The feed of a store, and whatever keeps it awake.
pub(crate) struct Live {
    requests: mpsc::Sender<Request>,
    wake: ChangeNotifier,
    tasks: Mutex<JoinSet<()>>,
}

/// Where a commit says what it changed.
#[derive(Clone)]
pub(crate) struct ChangeNotifier {
    feed: Arc<Signal>,
    others: Option<Arc<Signal>>,
}

impl ChangeNotifier {
    /// Says that these workshops may have changed. Only after the commit.
    pub(crate) fn touched(&self, workshops: &BTreeSet<WorkshopId>) {
        if workshops.is_empty() {
            return;
        }
        for signal in [Some(&self.feed), self.others.as_ref()].into_iter().flatten() {
            signal.touch(workshops.iter().copied());
        }
    }
}

impl Live {
    pub(crate) fn start(
        connections: &Connections,
        url: &DatabaseUrl,
        clock: &Clock,
        metrics: &FeedMetrics,
    ) -> Result<Self, DbErr> {
        let (requests, asked) = mpsc::channel(REQUESTS);
        let (busy, is_busy) = watch::channel(false);
        let feed = Arc::new(Signal::default());
        let mut tasks = JoinSet::new();
        let (read, clock, metrics) = (connections.read.clone(), clock.clone(), metrics.clone());
        tasks.spawn(Feed::new(read, clock, feed.clone(), asked, busy, metrics).run());
        let mut wake = ChangeNotifier { feed: feed.clone(), others: None };
        if connections.write.get_database_backend() == DbBackend::Postgres {
            // Tells our own words from those of the others: what we said ourselves the feed has heard already.
            let origin = Uuid::now_v7().simple().to_string();
            let others = Arc::new(Signal::default());
            tasks.spawn(notify::announce(connections.write.clone(), others.clone(), origin.clone()));
            tasks.spawn(listen::listen(url.postgres("atelier listener")?, feed, origin, is_busy));
            wake.others = Some(others);
        }
        Ok(Self { requests, wake, tasks: Mutex::new(tasks) })
    }

    pub(crate) fn wake(&self) -> ChangeNotifier {
        self.wake.clone()
    }

    /// Ends all that is told. The lanes are silent by now.
    pub(crate) async fn close(&self, write: &DatabaseConnection) {
        let mut tasks = std::mem::take(&mut *self.tasks.lock().unwrap_or_else(PoisonError::into_inner));
        tasks.shutdown().await;
        // The others would see the last commits by their clocks; this is sooner.
        if let Some(others) = &self.wake.others {
            notify::say(write, &others.take(), "").await;
        }
    }

    async fn ask<T>(
        &self,
        request: impl FnOnce(oneshot::Sender<Result<T, StoreError>>) -> Request,
    ) -> Result<T, StoreError> {
        let (reply, answer) = oneshot::channel();
        self.requests.send(request(reply)).await.map_err(|_| StoreError::Stopping)?;
        answer.await.unwrap_or(Err(StoreError::Stopping))
    }
}

impl Store {
    /// The seats of a workshop as they are now, and then whenever they change; `None`: there is none that is seen.
    /// Whoever is slow sees the newest state and never a queue of old ones.
    pub async fn watch_seats(&self, view: &View, workshop: WorkshopId) -> Result<Option<SeatUpdates>, StoreError> {
        if view.workshops(&[workshop]).await?.is_empty() {
            return Ok(None);
        }
        let seats = self.live.ask(|reply| Request::Watch(workshop, reply)).await?;
        Ok(seats.map(|seats| SeatUpdates::new(seats, self.live.wake.feed.clone())))
    }

    /// The journal as it grows, in the order in which [`View::list_changes`] reads it: all that is seen and follows the cursor, or,
    /// without one, all that comes from now on. It ends when the store closes, and after a fault; then the last cursor
    /// is where to go on from.
    pub async fn follow_changes(
        &self,
        view: View,
        after: Option<Cursor>,
        filter: ChangeFilter,
    ) -> Result<impl Stream<Item = Result<ChangeRow, StoreError>> + Send + use<>, StoreError> {
        let joined = self.live.ask(Request::Follow).await?;
        Ok(Changes::new(view, filter, after, joined, self.live.wake.feed.clone()).into_stream())
    }

    /// What is followed at the moment.
    pub async fn followed(&self) -> Result<FollowerCounts, StoreError> {
        self.live.ask(Request::Count).await
    }
}
