use std::sync::atomic::{AtomicUsize, Ordering};

use futures_util::{
    FutureExt,
    future::{join, join_all},
};

use super::{super::row_budget::tests::budget, *};

/// A list of this many rows. A statement loads up to ten.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
struct List(usize);

impl Loaded for List {
    const ROW_BYTES: usize = STATEMENT_BYTES / 10;

    fn objects(&self) -> usize {
        self.0
    }
}

type Loading = BoxFuture<'static, Result<HashMap<usize, List>, LoadError>>;

/// Loads lists that have as many rows as their keys say. Even keys have no list.
fn lists(part: Part<usize>) -> Loading {
    async move {
        let rows = part.keys.iter().filter(|key| *key % 2 == 1).sum::<usize>();
        if rows > part.at_most {
            return Err(LoadError::TooManyRows);
        }
        Ok(part.keys.into_iter().filter(|key| key % 2 == 1).map(|key| (key, List(key))).collect())
    }
    .boxed()
}

fn load<F>(statement: F) -> Load<usize, F> {
    Load { rows_of: |_| 0, statement }
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_that_are_requested_together_are_loaded_once() {
    let (batch, loads) = (Batch::default(), AtomicUsize::new(0));
    for round in 1..=100 {
        let (budget, _) = budget(10_000, 0);
        let counted = |part| {
            loads.fetch_add(1, Ordering::Relaxed);
            lists(part)
        };
        let list = |key: usize| batch.load(key, &budget, load(counted));
        // Each task loads twice in a row, and there are more tasks than tokio's budget has units.
        let tasks = (0..1000).map(|number| async move { (list(number % 4).await, list(number % 4).await) });
        let values = join_all(tasks).await;
        assert_eq!(values[1..3], [(Ok(Some(List(1))), Ok(Some(List(1)))), (Ok(None), Ok(None))]);
        assert_eq!(loads.load(Ordering::Relaxed), 2 * round);
    }
}

#[tokio::test]
async fn waiting_requests_are_served_though_the_first_is_dropped() {
    let (batch, (budget, _)) = (Batch::default(), budget(100, 0));
    let mut first = Box::pin(batch.load(1, &budget, load(lists)));
    assert!(first.as_mut().now_or_never().is_none(), "it yields to the others");
    let mut second = Box::pin(batch.load(3, &budget, load(lists)));
    assert!(second.as_mut().now_or_never().is_none(), "it waits for the first");
    drop(first);
    let values = join_all([batch.load(5, &budget, load(lists)).boxed(), second.boxed()]).await;
    assert_eq!(values, [Ok(Some(List(5))), Ok(Some(List(3)))]);
}

#[tokio::test]
async fn a_batch_of_many_rows_takes_several_statements() {
    let (batch, (budget, _), loads) = (Batch::default(), budget(1_000, 0), AtomicUsize::new(0));
    let counted = |part: Part<usize>| {
        loads.fetch_add(1, Ordering::Relaxed);
        let rows = part.keys.iter().sum::<usize>();
        assert!(part.keys.len() == 1 || part.at_most == 10, "{rows}");
        lists(part)
    };
    // Two at a time, then each alone because their rows are too many for one statement.
    let load = Load { rows_of: |_| 5, statement: counted };
    let values =
        join_all([7, 9, 21].map(|key| batch.load(key, &budget, Load { rows_of: load.rows_of, statement: counted })))
            .await;
    assert_eq!(values, [7, 9, 21].map(|key| Ok(Some(List(key)))));
    assert_eq!(loads.load(Ordering::Relaxed), 1 + 2 + 1);
}

#[tokio::test]
async fn an_operation_is_not_stopped_by_the_keys_of_another() {
    let (batch, (small, _), (large, meter), loads) =
        (Batch::default(), budget(10, 0), budget(50, 0), AtomicUsize::new(0));
    let counted = |part: Part<usize>| {
        loads.fetch_add(part.keys.len(), Ordering::Relaxed);
        lists(part)
    };
    let of_large = (0..100).map(|number| batch.load(2 * number + 11, &large, load(counted)));
    let (list, rejected) = join(batch.load(9, &small, load(counted)), meter.limit(join_all(of_large))).await;
    assert_eq!(list, Ok(Some(List(9))));
    assert!(rejected.unwrap_err().message.contains("more than 50 objects"));
    assert!(!small.is_exhausted());
    assert_eq!(loads.load(Ordering::Relaxed), 1, "lookups that the response cannot hold are not loaded");
}

#[tokio::test]
async fn rows_that_a_response_cannot_hold_are_not_loaded() {
    let (batch, (rows, meter), loads) = (Batch::default(), budget(50, 0), AtomicUsize::new(0));
    let counted = |part: Part<usize>| {
        if part.keys.len() == 1 {
            loads.fetch_add(1, Ordering::Relaxed);
        }
        lists(part)
    };
    // Each list is loaded alone, because it has more rows than a statement loads for several keys.
    let requests = (0..20).map(|number| batch.load(2 * number + 21, &rows, load(counted)));
    assert!(meter.limit(join_all(requests)).await.is_err());
    assert!((1..=2).contains(&loads.load(Ordering::Relaxed)), "{loads:?}");
    // A list that has more rows than any response is never loaded.
    let (rows, meter) = budget(50, 0);
    assert!(meter.limit(batch.load(51, &rows, load(lists))).await.is_err());
}
