use std::{collections::VecDeque, sync::Arc};

use futures_util::{Stream, future::BoxFuture, stream};
use tokio::sync::broadcast::{self, error::RecvError};

use super::{journal::JournalTail, signal::Signal, subscription::UnsubscribeGuard, unless_unavailable};
use crate::{ChangeFilter, ChangeRow, Cursor, Page, PageEnd, StoreError, View};

/// The number of entries that a follower reads at a time while it catches up.
const CATCH_UP_SIZE: u32 = 100;

/// One subscription that follows the journal.
pub(super) struct Changes<R> {
    view: View,
    filter: ChangeFilter,
    /// Awaited before a read of the database, with the maximum number of entries that it returns.
    before_reading: R,
    /// The last entry that was delivered, or is in `ready`.
    position: Option<Cursor>,
    ready: VecDeque<ChangeRow>,
    /// Whether earlier entries have to be read from the database before live ones are delivered.
    is_behind: bool,
    live: broadcast::Receiver<Arc<[ChangeRow]>>,
    _guard: UnsubscribeGuard,
}

impl<R: Fn(usize) -> BoxFuture<'static, ()> + Send> Changes<R> {
    pub(super) fn new(
        view: View,
        filter: ChangeFilter,
        after: Option<Cursor>,
        before_reading: R,
        JournalTail { read_to, live }: JournalTail,
        feed: Arc<Signal>,
    ) -> Self {
        // A client that has everything that the feed has read need not catch up.
        let is_behind = after.as_ref().is_some_and(|after| read_to.as_ref().is_some_and(|read_to| after < read_to));
        let (position, ready) = (after.or(read_to), VecDeque::new());
        Self { view, filter, before_reading, position, ready, is_behind, live, _guard: UnsubscribeGuard(feed) }
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
        (self.before_reading)(CATCH_UP_SIZE as usize).await;
        let page = Page { size: CATCH_UP_SIZE, end: PageEnd::First, after: self.position.clone(), before: None };
        let page = loop {
            if let Some(read) = unless_unavailable(self.view.list_changes(&self.filter, &page).await).await {
                break read?;
            }
        };
        self.is_behind = page.more;
        self.position = page.rows.last().map(|(cursor, _)| cursor.clone()).or(self.position.take());
        self.ready.extend(page.rows.into_iter().map(|(_, change)| change));
        Ok(())
    }

    /// Takes the new entries of a batch. A follower that caught up can have read some of them from the database.
    fn take(&mut self, batch: &[ChangeRow]) {
        let Some(last) = batch.last().map(ChangeRow::cursor) else { return };
        if self.position.as_ref().is_some_and(|position| *position >= last) {
            return;
        }
        let is_new = |change: &&ChangeRow| self.position.as_ref().is_none_or(|position| change.cursor() > *position);
        let new = batch.iter().filter(is_new);
        self.ready.extend(new.filter(|change| self.view.can_see(change) && self.filter.matches(change)).cloned());
        self.position = Some(last);
    }
}
