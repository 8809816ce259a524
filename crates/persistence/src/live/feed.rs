use std::{collections::BTreeSet, panic::AssertUnwindSafe, sync::Arc, time::Duration};

use domain::WorkshopId;
use futures_util::FutureExt;
use sea_orm::{DatabaseConnection, EntityTrait, QueryFilter};
use tokio::{
    sync::{mpsc, oneshot, watch},
    time::Instant,
};

use super::{
    FollowerCounts, SeatsSnapshot,
    journal::{Journal, JournalTail},
    seats::WatchedWorkshops,
    signal::{DirtySet, Signal},
};
use crate::{Clock, StoreError, entities::workshop, metrics::FeedMetrics, rows::row_set::one_of};

/// How often the feed reads everything that has subscribers, whether or not a change was signaled.
const POLL_INTERVAL: Duration = Duration::from_secs(1);
/// How soon the feed looks for pending entries again: at first, and at most.
const PENDING_INTERVAL: (Duration, Duration) = (Duration::from_millis(5), Duration::from_millis(200));

type Reply<T> = oneshot::Sender<Result<T, StoreError>>;

/// A request to the feed.
pub(super) enum Request {
    Watch(WorkshopId, Reply<Option<watch::Receiver<Arc<SeatsSnapshot>>>>),
    Follow(Reply<JournalTail>),
    Count(Reply<FollowerCounts>),
}

impl Request {
    fn reject(self) {
        match self {
            Self::Watch(_, reply) => drop(reply.send(Err(StoreError::Unavailable(None)))),
            Self::Follow(reply) => drop(reply.send(Err(StoreError::Unavailable(None)))),
            Self::Count(reply) => drop(reply.send(Err(StoreError::Unavailable(None)))),
        }
    }
}

/// Reads the changes once for all subscriptions.
pub(super) struct Feed {
    db: DatabaseConnection,
    clock: Clock,
    signal: Arc<Signal>,
    requests: mpsc::Receiver<Request>,
    /// Whether there are subscriptions.
    has_followers: watch::Sender<bool>,
    watched: WatchedWorkshops,
    journal: Journal,
    /// The present delay before the feed looks for pending entries.
    pending_interval: Duration,
    metrics: FeedMetrics,
}

impl Feed {
    pub(super) fn new(
        db: DatabaseConnection,
        clock: Clock,
        signal: Arc<Signal>,
        requests: mpsc::Receiver<Request>,
        has_followers: watch::Sender<bool>,
        metrics: FeedMetrics,
    ) -> Self {
        let (watched, journal) = (WatchedWorkshops::default(), Journal::default());
        let pending_interval = PENDING_INTERVAL.0;
        Self { db, clock, signal, requests, has_followers, watched, journal, pending_interval, metrics }
    }

    /// Runs until all senders of requests are gone.
    pub(super) async fn run(mut self) {
        let mut requests = Vec::new();
        let mut poll_at = Instant::now() + POLL_INTERVAL;
        loop {
            let wait = if self.journal.is_pending() { self.pending_interval } else { POLL_INTERVAL };
            let wake_at = poll_at.min(Instant::now() + wait);
            tokio::select! {
                received = self.requests.recv_many(&mut requests, super::REQUESTS) => if received == 0 { return },
                () = self.signal.notified() => {}
                () = tokio::time::sleep_until(wake_at), if *self.has_followers.borrow() => {}
            }
            // Taken after the request was received: a client that subscribes after a command sees its changes.
            let mut dirty = self.signal.take();
            if Instant::now() >= poll_at {
                dirty.everything = true;
                poll_at = Instant::now() + POLL_INTERVAL;
            }
            self.prune();
            // A panic is a fault like any other: the feed has to continue.
            let poll = AssertUnwindSafe(self.poll(&requests, &dirty)).catch_unwind().await;
            let mut is_behind = self.journal.is_pending();
            if let Err(fault) = poll.unwrap_or(Err(StoreError::Panicked)) {
                is_behind = true;
                tracing::warn!(?fault, "the feed of live updates cannot read the database; it retries");
                // No change is lost: the next poll reads everything.
                requests.drain(..).for_each(Request::reject);
            }
            requests.drain(..).for_each(|request| self.respond(request));
            self.metrics.record_poll(self.follower_counts(), is_behind && self.is_followed());
            self.has_followers.send_if_modified(|has_followers| {
                std::mem::replace(has_followers, self.is_followed()) != self.is_followed()
            });
        }
    }

    fn is_followed(&self) -> bool {
        self.watched.len() > 0 || self.journal.followers() > 0
    }

    fn follower_counts(&self) -> FollowerCounts {
        FollowerCounts { watched_workshops: self.watched.len(), journal_followers: self.journal.followers() }
    }

    fn prune(&mut self) {
        self.watched.prune();
        self.journal.prune();
    }

    /// Reads the changes that subscriptions and new requests need.
    async fn poll(&mut self, requests: &[Request], dirty: &DirtySet) -> Result<(), StoreError> {
        let has_new_follower = requests.iter().any(|request| matches!(request, Request::Follow(_)));
        let is_dirty = !dirty.is_empty() || self.journal.is_pending();
        if has_new_follower || (is_dirty && self.journal.followers() > 0) {
            self.journal.read(&self.db, &self.clock, &self.metrics).await?;
        }
        let is_pending = self.journal.is_pending();
        self.pending_interval =
            if is_pending { (self.pending_interval * 2).min(PENDING_INTERVAL.1) } else { PENDING_INTERVAL.0 };

        let mut workshops: BTreeSet<_> = if dirty.everything {
            self.watched.ids()
        } else {
            dirty.workshops.iter().copied().filter(|id| self.watched.contains(*id)).collect()
        };
        // Also if others watch the workshop: their snapshot can be older than a commit that the new subscriber knows of.
        workshops.extend(requests.iter().filter_map(|request| match request {
            Request::Watch(workshop, _) => Some(workshop),
            _ => None,
        }));
        if !workshops.is_empty() {
            let id = (workshop::Entity, workshop::Column::Id);
            let filter = one_of(self.db.get_database_backend(), id, workshops.iter().map(|id| id.uuid()));
            let rows = workshop::Entity::find().filter(filter).all(&self.db).await?;
            let now = self.clock.now();
            for row in rows {
                self.watched.update(row, now);
            }
        }
        Ok(())
    }

    /// Responds to a request from the rows that were read. The client can be gone meanwhile.
    fn respond(&self, request: Request) {
        match request {
            Request::Watch(workshop, reply) => drop(reply.send(Ok(self.watched.watch(workshop)))),
            Request::Follow(reply) => drop(reply.send(Ok(self.journal.follow()))),
            Request::Count(reply) => drop(reply.send(Ok(self.follower_counts()))),
        }
    }
}
