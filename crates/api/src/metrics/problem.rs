//! The problem that an operation was answered with. It is a part of the answer that the client may not have selected, so
//! it is noted where it becomes one.

use std::cell::Cell;

tokio::task_local! {
    static PROBLEM: Cell<Option<&'static str>>;
}

/// A problem stands in the way of the operation that is being answered; of several the first is remembered.
pub(crate) fn met(problem: &'static str) {
    // Nobody counts where nobody asks.
    let _ = PROBLEM.try_with(|met| met.set(met.get().or(Some(problem))));
}

/// What an answer comes to, and the problem that was met on the way.
pub(super) async fn met_in<T>(answering: impl Future<Output = T>) -> (T, Option<&'static str>) {
    let watched = async {
        let answer = answering.await;
        (answer, PROBLEM.with(Cell::take))
    };
    PROBLEM.scope(Cell::new(None), watched).await
}
