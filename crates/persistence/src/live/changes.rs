use std::{collections::VecDeque, sync::Arc, time::Duration};

use futures_util::{Stream, stream};
use tokio::{
    sync::broadcast::{self, error::RecvError},
    time::{Instant, sleep_until},
};

use super::{journal::Joined, signal::Signal, subscription::UnsubscribeGuard};
use crate::{ChangeFilter, ChangeRow, Cursor, Page, PageEnd, StoreError, View};

/// Entries that are read at a time by one who catches up.
const CATCH_UP: u32 = 100;
/// How soon one who catches up asks again a database that is away.
const AGAIN: Duration = Duration::from_millis(500);

/// Somebody who follows the journal.
pub(super) struct Changes {
    view: View,
    filter: ChangeFilter,
    /// All up to here was told, or is about to be.
    seen: Option<Cursor>,
    ready: VecDeque<ChangeRow>,
    /// Whether there is more in the database before what is live can be told.
    is_behind: bool,
    live: broadcast::Receiver<Arc<[ChangeRow]>>,
    _guard: UnsubscribeGuard,
}

impl Changes {
    pub(super) fn new(
        view: View,
        filter: ChangeFilter,
        after: Option<Cursor>,
        (read_to, live): Joined,
        feed: Arc<Signal>,
    ) -> Self {
        // Whoever has seen as much as the feed has nothing to catch up with.
        let is_behind = after.as_ref().is_some_and(|after| read_to.as_ref().is_some_and(|read_to| after < read_to));
        let seen = after.or(read_to);
        Self { view, filter, seen, ready: VecDeque::new(), is_behind, live, _guard: UnsubscribeGuard(feed) }
    }

    pub(super) fn into_stream(self) -> impl Stream<Item = Result<ChangeRow, StoreError>> + Send {
        stream::unfold(Some(self), async |changes| {
            let mut changes = changes?;
            match changes.next().await {
                Ok(change) => Some((Ok(change?), Some(changes))),
                Err(fault) => Some((Err(fault), None)),
            }
        })
    }

    async fn next(&mut self) -> Result<Option<ChangeRow>, StoreError> {
        loop {
            if let Some(change) = self.ready.pop_front() {
                return Ok(Some(change));
            }
            if self.is_behind {
                self.catch_up().await?;
                continue;
            }
            match self.live.recv().await {
                Ok(batch) => self.take(&batch),
                Err(RecvError::Lagged(_)) => self.is_behind = true,
                Err(RecvError::Closed) => return Ok(None),
            }
        }
    }

    async fn catch_up(&mut self) -> Result<(), StoreError> {
        let page = Page { size: CATCH_UP, end: PageEnd::First, after: self.seen.clone(), before: None };
        let page = loop {
            match self.view.list_changes(&self.filter, &page).await {
                Err(fault) if fault.is_database_gone() => sleep_until(Instant::now() + AGAIN).await,
                read => break read?,
            }
        };
        self.is_behind = page.more;
        self.seen = page.rows.last().map(|(cursor, _)| cursor.clone()).or(self.seen.take());
        self.ready.extend(page.rows.into_iter().map(|(_, change)| change));
        Ok(())
    }

    /// Takes from a batch what is new: a reader who caught up may have read a part of it in the database.
    fn take(&mut self, batch: &[ChangeRow]) {
        let Some(last) = batch.last().map(ChangeRow::cursor) else { return };
        if self.seen.as_ref().is_some_and(|seen| *seen >= last) {
            return;
        }
        let new = batch.iter().filter(|change| self.seen.as_ref().is_none_or(|seen| change.cursor() > *seen));
        self.ready.extend(new.filter(|change| self.view.sees(change) && self.filter.admits(change)).cloned());
        self.seen = Some(last);
    }
}
