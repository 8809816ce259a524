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

/// The number of batches that wait for the slowest follower. A follower that falls further behind reads the database.
const RING: usize = 64;
/// The maximum number of entries in a batch.
const BATCH: u64 = 256;

/// The part of the journal that a new follower gets from the feed.
pub(super) struct JournalTail {
    /// The last entry that the feed has read.
    pub(super) read_to: Option<Cursor>,
    /// All entries after it.
    pub(super) live: broadcast::Receiver<Arc<[ChangeRow]>>,
}

/// The end of the journal, read once for all followers.
pub(super) struct Journal {
    followers: broadcast::Sender<Arc<[ChangeRow]>>,
    is_followed: bool,
    /// The last entry that was read.
    read_to: Option<Cursor>,
    /// Whether committed entries wait for older transactions before they can be delivered.
    pending: bool,
}

impl Default for Journal {
    fn default() -> Self {
        Self { followers: broadcast::Sender::new(RING), is_followed: false, read_to: None, pending: false }
    }
}

impl Journal {
    pub(super) fn followers(&self) -> usize {
        self.followers.receiver_count()
    }

    /// Whether some committed entries are not final. No commit signals when they become final: they do when
    /// another transaction ends.
    pub(super) fn is_pending(&self) -> bool {
        self.pending
    }

    /// Adds a follower.
    pub(super) fn follow(&self) -> JournalTail {
        JournalTail { read_to: self.read_to.clone(), live: self.followers.subscribe() }
    }

    /// Forgets the position when the last follower has gone: until the next one many entries can be written.
    pub(super) fn prune(&mut self) {
        if self.followers() == 0 {
            (self.is_followed, self.pending) = (false, false);
        }
    }

    /// Reads all final entries and sends them to the followers.
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
            let mut entries = entries_after(db, self.read_to.as_ref()).await?;
            let count = entries.len() as u64;
            entries.retain(|(_, is_final)| *is_final);
            self.pending = (entries.len() as u64) < count;
            if let [(first, _), ..] = &entries[..] {
                metrics.record_delay(clock.now() - first.at);
            }
            if let Some((last, _)) = entries.last() {
                self.read_to = Some(last.cursor());
                // An error only means that the last follower has gone.
                let _ = self.followers.send(entries.into_iter().map(|(entry, _)| entry).collect());
            }
            if count < BATCH || self.pending {
                return Ok(());
            }
        }
    }
}

/// The next entries, each with whether it is final.
async fn entries_after(db: &DatabaseConnection, entry: Option<&Cursor>) -> Result<Vec<(ChangeRow, bool)>, StoreError> {
    let keyset = Keyset::new(AS_COMMITTED, PageEnd::First);
    let mut list = journal::Entity::find();
    if let Some(entry) = entry {
        list = list.filter(keyset.beyond(Side::After, entry));
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
