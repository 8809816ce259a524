use std::sync::Arc;

use sea_orm::{
    ConnectionTrait, DatabaseConnection, DbBackend, EntityTrait, FromQueryResult, QueryFilter, QueryTrait,
    sea_query::Expr,
};
use tokio::sync::broadcast;

use crate::{
    AS_COMMITTED, ChangeRow, Clock, Cursor, PageEnd, StoreError,
    entities::journal,
    metrics::FeedMetrics,
    pagination::keyset::{Keyset, Side},
    queries::{IS_FINAL, last_change},
};

/// Batches that wait for the slowest reader; one who falls behind them reads on in the database.
const RING: usize = 64;
/// The most entries of a batch.
const BATCH: u64 = 256;

/// A reader joins: what the feed has read so far, and all that it reads from there on.
pub(super) type Joined = (Option<Cursor>, broadcast::Receiver<Arc<[ChangeRow]>>);

/// The end of the journal, read once for all who follow it.
pub(super) struct Journal {
    readers: broadcast::Sender<Arc<[ChangeRow]>>,
    is_followed: bool,
    /// The last entry that was read.
    read_to: Option<Cursor>,
    /// Whether there are entries that cannot be told yet.
    pending: bool,
}

impl Default for Journal {
    fn default() -> Self {
        Self { readers: broadcast::Sender::new(RING), is_followed: false, read_to: None, pending: false }
    }
}

impl Journal {
    pub(super) fn readers(&self) -> usize {
        self.readers.receiver_count()
    }

    /// Whether there are entries that are committed and not settled. No commit will say when they are: it is when
    /// somebody else's transaction is over.
    pub(super) fn is_pending(&self) -> bool {
        self.pending
    }

    /// Somebody follows from here on.
    pub(super) fn join(&self) -> Joined {
        (self.read_to.clone(), self.readers.subscribe())
    }

    /// Forgets where it was when nobody follows any more: there may be much to skip until somebody does.
    pub(super) fn prune(&mut self) {
        if self.readers() == 0 {
            (self.is_followed, self.pending) = (false, false);
        }
    }

    /// Reads on to the end of what is settled and tells it to all who follow.
    pub(super) async fn read(
        &mut self,
        db: &DatabaseConnection,
        clock: &Clock,
        metrics: &FeedMetrics,
    ) -> Result<(), StoreError> {
        if !self.is_followed {
            self.read_to = last_change(db).await?;
            self.is_followed = true;
        }
        loop {
            let mut entries = beyond(db, self.read_to.as_ref()).await?;
            let found = entries.len() as u64;
            entries.retain(|(_, is_final)| *is_final);
            self.pending = (entries.len() as u64) < found;
            if let [(first, _), ..] = &entries[..] {
                metrics.note_delay(clock.now() - first.at);
            }
            if let Some((last, _)) = entries.last() {
                self.read_to = Some(last.cursor());
                // An error only means that there is nobody left.
                let _ = self.readers.send(entries.into_iter().map(|(entry, _)| entry).collect());
            }
            if found < BATCH || self.pending {
                return Ok(());
            }
        }
    }
}

/// What comes after an entry, whether settled or not, with whether it is.
async fn beyond(db: &DatabaseConnection, entry: Option<&Cursor>) -> Result<Vec<(ChangeRow, bool)>, StoreError> {
    let keyset = Keyset::of(AS_COMMITTED, PageEnd::First);
    let mut list = journal::Entity::find();
    if let Some(entry) = entry {
        list = list.filter(keyset.beyond(Side::Behind, entry));
    }
    let is_final = match db.get_database_backend() {
        DbBackend::Postgres => Expr::cust(IS_FINAL),
        _ => Expr::val(true),
    };
    let mut list = list.into_query();
    keyset.order(&mut list);
    list.expr_as(is_final, "is_final").limit(BATCH);
    let rows = db.query_all(&list).await?;
    rows.iter().map(|row| Ok((ChangeRow::from_query_result(row, "")?, row.try_get("", "is_final")?))).collect()
}
