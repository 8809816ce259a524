//! The rows that an operation has loaded.
//!
//! Objects are counted when they are built. But a list is loaded for all its parents before the first of its objects is
//! built. So rows are counted as objects when they are loaded, and an object that is built later takes the place of one.
//! An operation whose response has no room for more rows loads none.

use std::{
    future::pending,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use async_graphql::ContextBase;
use tokio::task::consume_budget;

use super::response_size::{ResponseMeter, ResponseRejected};

/// The texts of rows that a response can be built from, in multiples of its own limit. Most rows have texts that are not
/// selected.
const TEXT_FACTOR: usize = 4;

/// The cost of a response that takes a processor for some milliseconds.
const LARGE: usize = 1_000;

/// Counts the rows of an operation in the size of its response. Clones count for the same operation.
#[derive(Clone, Debug)]
pub(in crate::graphql) struct RowBudget(Arc<LoadedRows>);

#[derive(Debug)]
struct LoadedRows {
    response: ResponseMeter,
    /// The counted objects that are not built yet.
    expected: AtomicUsize,
    text_bytes: AtomicUsize,
}

impl RowBudget {
    pub(in crate::graphql) fn new(response: ResponseMeter) -> Self {
        Self(Arc::new(LoadedRows { response, expected: AtomicUsize::new(0), text_bytes: AtomicUsize::new(0) }))
    }

    /// The maximum number of rows.
    pub(super) fn limit(&self) -> usize {
        self.0.response.limits().objects
    }

    /// Counts rows before their objects are built. An operation that exceeds a limit with them is stopped.
    pub(super) fn expect(&self, objects: usize, text_bytes: usize) {
        let all = &*self.0;
        all.expected.fetch_add(objects, Ordering::Relaxed);
        let limit = all.response.limits().bytes;
        let text_bytes = all.text_bytes.fetch_add(text_bytes, Ordering::Relaxed).saturating_add(text_bytes);
        let excess = if text_bytes > limit.saturating_mul(TEXT_FACTOR) { limit.saturating_add(1) } else { 0 };
        // The result is not needed here: the operation stops where it waits for these rows.
        let _ = all.response.add(objects, excess);
    }

    /// Stops the operation, because one list has more rows than any response.
    pub(super) fn exceed(&self) {
        self.expect(self.limit().saturating_add(1), 0);
    }

    /// Whether the operation is stopped, so that its rows are not needed.
    pub(super) fn is_exhausted(&self) -> bool {
        self.0.response.add(0, 0).is_err()
    }

    /// Never returns if the operation is stopped. It is then dropped.
    pub(super) async fn continue_within(&self) {
        if self.is_exhausted() {
            pending::<()>().await;
        }
    }

    /// Whether both count for the same operation.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// Whether the response is built in many steps, so that other operations continue meanwhile.
    pub(super) fn is_large(&self) -> bool {
        self.0.response.cost() >= LARGE
    }

    /// Counts an object that is built, and its bytes.
    fn build(&self, bytes: usize) -> Result<(), ResponseRejected> {
        let take_one = |expected: usize| expected.checked_sub(1);
        let is_counted = self.0.expected.fetch_update(Ordering::Relaxed, Ordering::Relaxed, take_one).is_ok();
        self.0.response.add(usize::from(!is_counted), bytes)
    }

    /// Fails if the response has no room for this many objects. Some of them can be counted already.
    fn ensure_room(&self, objects: usize) -> Result<(), ResponseRejected> {
        let uncounted = objects.saturating_sub(self.0.expected.load(Ordering::Relaxed));
        self.0.response.ensure_room(uncounted)
    }
}

/// Stops an operation that has exceeded a limit before it prepares one more object. The objects of a list are prepared
/// one after the other, before any of them is dropped.
pub(in crate::graphql) async fn continue_within<T>(ctx: &ContextBase<'_, T>) {
    ctx.data_unchecked::<RowBudget>().continue_within().await;
}

/// Counts an object that is built, and its bytes. Never returns if the response exceeds a limit with it.
pub(in crate::graphql) async fn count_object<T>(ctx: &ContextBase<'_, T>, bytes: usize) {
    let budget = ctx.data_unchecked::<RowBudget>();
    if budget.build(bytes).is_err() {
        pending::<()>().await;
    }
    if budget.is_large() {
        consume_budget().await;
    }
}

/// Stops the operation if the response has no room for the objects of a list. Called before the list is built, because a
/// list that waits to be resolved takes more memory than its response.
pub(in crate::graphql) async fn ensure_room<T>(ctx: &ContextBase<'_, T>, objects: usize) {
    if ctx.data_unchecked::<RowBudget>().ensure_room(objects).is_err() {
        pending::<()>().await;
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::{
        super::{response_pool::ResponsePool, response_size::ResponseLimits},
        *,
    };

    /// The budget of a response with these limits, and its meter.
    pub(in super::super) fn budget(objects: usize, bytes: usize) -> (RowBudget, ResponseMeter) {
        let limits = ResponseLimits { objects, bytes };
        let meter = ResponseMeter::new(limits, &ResponsePool::new(limits));
        (RowBudget::new(meter.clone()), meter)
    }

    #[test]
    fn a_row_is_counted_once_whether_it_was_loaded_or_only_built() {
        let (rows, meter) = budget(5, 100);
        rows.expect(3, 0);
        assert_eq!((meter.cost(), rows.ensure_room(5)), (3, Ok(())));
        for _ in 0..5 {
            rows.build(0).unwrap();
        }
        assert!(!rows.is_exhausted());
        assert!(rows.build(0).is_err() && rows.is_exhausted());
    }

    #[test]
    fn an_operation_without_room_for_its_rows_is_stopped() {
        for (objects, text_bytes) in [(6, 0), (0, 401)] {
            let (rows, _) = budget(5, 100);
            rows.expect(5, 400);
            assert!(!rows.is_exhausted());
            let (rows, _) = budget(5, 100);
            rows.expect(objects, text_bytes);
            assert!(rows.is_exhausted());
        }
    }
}
