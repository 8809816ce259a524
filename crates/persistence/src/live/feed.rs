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
    journal::{Joined, Journal},
    seats::Watched,
    signal::{DirtySet, Signal},
};
use crate::{Clock, StoreError, entities::workshop, metrics::FeedMetrics, rows::row_set::one_of};

/// How often everything that is followed is looked at, whether or not anybody said that it changed.
const LOOK: Duration = Duration::from_secs(1);
/// How soon entries that were not settled are looked for again: at first, and when they keep everybody waiting.
const SOON: (Duration, Duration) = (Duration::from_millis(5), Duration::from_millis(200));

type Reply<T> = oneshot::Sender<Result<T, StoreError>>;

/// What can be asked of the feed.
pub(super) enum Request {
    Watch(WorkshopId, Reply<Option<watch::Receiver<Arc<SeatsSnapshot>>>>),
    Follow(Reply<Joined>),
    Count(Reply<FollowerCounts>),
}

impl Request {
    fn refuse(self) {
        match self {
            Self::Watch(_, reply) => drop(reply.send(Err(StoreError::Unavailable(None)))),
            Self::Follow(reply) => drop(reply.send(Err(StoreError::Unavailable(None)))),
            Self::Count(reply) => drop(reply.send(Err(StoreError::Unavailable(None)))),
        }
    }
}

/// Reads what changed, once for all who listen.
pub(super) struct Feed {
    db: DatabaseConnection,
    clock: Clock,
    signal: Arc<Signal>,
    requests: mpsc::Receiver<Request>,
    /// Says whether anybody listens.
    busy: watch::Sender<bool>,
    watched: Watched,
    journal: Journal,
    soon: Duration,
    metrics: FeedMetrics,
}

impl Feed {
    pub(super) fn new(
        db: DatabaseConnection,
        clock: Clock,
        signal: Arc<Signal>,
        requests: mpsc::Receiver<Request>,
        busy: watch::Sender<bool>,
        metrics: FeedMetrics,
    ) -> Self {
        let (watched, journal) = (Watched::default(), Journal::default());
        Self { db, clock, signal, requests, busy, watched, journal, soon: SOON.0, metrics }
    }

    /// Looks until nobody can ask any more.
    pub(super) async fn run(mut self) {
        let mut requests = Vec::new();
        let mut look_at = Instant::now() + LOOK;
        loop {
            let wait = if self.journal.is_pending() { self.soon } else { LOOK };
            tokio::select! {
                asked = self.requests.recv_many(&mut requests, super::REQUESTS) => if asked == 0 { return },
                () = self.signal.raised() => {}
                () = tokio::time::sleep_until(look_at.min(Instant::now() + wait)), if *self.busy.borrow() => {}
            }
            // Whoever was answered by a command before they asked finds in here what it did.
            let mut touched = self.signal.take();
            if Instant::now() >= look_at {
                touched.everything = true;
                look_at = Instant::now() + LOOK;
            }
            self.prune();
            // A rule that panics is a fault like any other: the feed has to live on.
            let look = AssertUnwindSafe(self.look(&requests, &touched)).catch_unwind().await;
            let mut is_behind = self.journal.is_pending();
            if let Err(fault) = look.unwrap_or(Err(StoreError::Panicked)) {
                is_behind = true;
                tracing::warn!(?fault, "what happens cannot be read; it is tried again");
                // Nothing is skipped: with the next look everything is read.
                requests.drain(..).for_each(Request::refuse);
            }
            requests.drain(..).for_each(|request| self.answer(request));
            self.metrics.note_look(self.followed(), is_behind && self.is_followed());
            self.busy.send_if_modified(|busy| std::mem::replace(busy, self.is_followed()) != self.is_followed());
        }
    }

    fn is_followed(&self) -> bool {
        self.watched.len() > 0 || self.journal.readers() > 0
    }

    fn followed(&self) -> FollowerCounts {
        FollowerCounts { workshops: self.watched.len(), readers: self.journal.readers() }
    }

    fn prune(&mut self) {
        self.watched.prune();
        self.journal.prune();
    }

    async fn look(&mut self, requests: &[Request], touched: &DirtySet) -> Result<(), StoreError> {
        let joins = requests.iter().any(|request| matches!(request, Request::Follow(_)));
        let woken = !touched.is_nothing() || self.journal.is_pending();
        if joins || (woken && self.journal.readers() > 0) {
            self.journal.read(&self.db, &self.clock, &self.metrics).await?;
        }
        self.soon = if self.journal.is_pending() { (self.soon * 2).min(SOON.1) } else { SOON.0 };

        let mut workshops: BTreeSet<_> = if touched.everything {
            self.watched.all()
        } else {
            touched.workshops.iter().copied().filter(|id| self.watched.has(*id)).collect()
        };
        workshops.extend(requests.iter().filter_map(|request| match request {
            Request::Watch(workshop, _) if !self.watched.has(*workshop) => Some(workshop),
            _ => None,
        }));
        if !workshops.is_empty() {
            let id = (workshop::Entity, workshop::Column::Id);
            let theirs = one_of(self.db.get_database_backend(), id, workshops.iter().map(|id| id.uuid()));
            let rows = workshop::Entity::find().filter(theirs).all(&self.db).await?;
            let now = self.clock.now();
            for row in rows {
                self.watched.see(row, now);
            }
        }
        Ok(())
    }

    /// Answers what was asked, out of what was read. Whoever has gone meanwhile misses nothing.
    fn answer(&self, request: Request) {
        match request {
            Request::Watch(workshop, reply) => drop(reply.send(Ok(self.watched.watch(workshop)))),
            Request::Follow(reply) => drop(reply.send(Ok(self.journal.join()))),
            Request::Count(reply) => drop(reply.send(Ok(self.followed()))),
        }
    }
}
