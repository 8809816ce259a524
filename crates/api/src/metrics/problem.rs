//! The problem that an operation responds with. The client may not have selected it in the response, so it is recorded
//! where the refusal is converted.

use std::cell::Cell;

tokio::task_local! {
    static PROBLEM: Cell<Option<&'static str>>;
}

/// Records a problem of the current operation. The first one of an operation counts.
pub(crate) fn record_problem(problem: &'static str) {
    // Outside an operation, no metric needs the problem.
    let _ = PROBLEM.try_with(|first| first.set(first.get().or(Some(problem))));
}

/// Runs an operation and returns the first problem that was recorded with its result.
pub(super) async fn with_problem<T>(operation: impl Future<Output = T>) -> (T, Option<&'static str>) {
    let operation = async {
        let result = operation.await;
        (result, PROBLEM.with(Cell::take))
    };
    PROBLEM.scope(Cell::new(None), operation).await
}
