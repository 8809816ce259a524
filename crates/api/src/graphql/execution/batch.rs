use std::{
    collections::{HashMap, HashSet},
    hash::Hash,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::{sync::watch, task::coop::unconstrained};

use super::fault::Fault;

type BatchResult<K, V> = Result<Arc<HashMap<K, V>>, Fault>;

/// Batches lookups: all keys that are requested while the batch is open are loaded in one statement.
///
/// The first request loads for all, in the task that resolves the operation, after it has yielded once. So all keys that
/// can be requested together are always loaded together, without a timer. (async-graphql's `DataLoader` loads in a task of
/// its own, which can start before the second key is requested. It waits a millisecond to make that unlikely.) Results are
/// not cached: after a mutation, the same key is loaded again.
#[derive(Clone)]
pub(in crate::graphql) struct Batch<K, V> {
    open: Arc<Mutex<Option<OpenBatch<K, V>>>>,
}

struct OpenBatch<K, V> {
    keys: Vec<K>,
    result: watch::Receiver<Option<BatchResult<K, V>>>,
}

/// What a request for a key does.
enum RequestRole<K, V> {
    Load(watch::Sender<Option<BatchResult<K, V>>>),
    Wait(watch::Receiver<Option<BatchResult<K, V>>>),
}

impl<K, V> Default for Batch<K, V> {
    fn default() -> Self {
        Self { open: Arc::default() }
    }
}

impl<K, V> Batch<K, V>
where
    K: Clone + Eq + Hash + Send + Sync,
    V: Clone + Send + Sync,
{
    /// Returns the value of this key. All requests to the same batch must pass the same `load_many`.
    pub(in crate::graphql) async fn load<F, L>(&self, key: K, load_many: L) -> Result<Option<V>, Fault>
    where
        F: Future<Output = Result<HashMap<K, V>, Fault>> + Send,
        L: FnOnce(Vec<K>) -> F + Send,
    {
        loop {
            match self.join(&key) {
                RequestRole::Load(sender) => {
                    tokio::task::yield_now().await;
                    let result = load_many(self.close()).await.map(Arc::new);
                    let value = result.clone().map(|values| values.get(&key).cloned());
                    sender.send_replace(Some(result));
                    return value;
                }
                RequestRole::Wait(mut result) => {
                    // Tokio's budget would keep the last of many siblings from joining this batch.
                    if let Ok(result) = unconstrained(result.wait_for(Option::is_some)).await
                        && let Some(result) = result.as_ref()
                    {
                        return result.clone().map(|values| values.get(&key).cloned());
                    }
                    // The request that should load was dropped, as happens to the siblings of a failed field. Try again.
                }
            }
        }
    }

    fn join(&self, key: &K) -> RequestRole<K, V> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(batch) = open.as_mut()
            && batch.result.has_changed().is_ok()
        {
            batch.keys.push(key.clone());
            return RequestRole::Wait(batch.result.clone());
        }
        let (sender, result) = watch::channel(None);
        *open = Some(OpenBatch { keys: vec![key.clone()], result });
        RequestRole::Load(sender)
    }

    /// Closes the batch, and returns its keys without duplicates.
    fn close(&self) -> Vec<K> {
        let batch = self.open.lock().unwrap_or_else(PoisonError::into_inner).take();
        let keys = batch.map(|batch| batch.keys).unwrap_or_default();
        keys.into_iter().collect::<HashSet<_>>().into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use futures_util::{FutureExt, future::join_all};

    use super::*;

    async fn tenfold(keys: Vec<u32>) -> Result<HashMap<u32, u32>, Fault> {
        Ok(keys.into_iter().filter(|key| key % 2 == 0).map(|key| (key, key * 10)).collect())
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn keys_that_are_requested_together_are_loaded_once() {
        let (batch, loads) = (Batch::default(), AtomicUsize::new(0));
        for round in 1..=100 {
            let load = &|key: u32| {
                batch.load(key, |keys| {
                    loads.fetch_add(1, Ordering::Relaxed);
                    tenfold(keys)
                })
            };
            // Each task loads twice in a row, and there are more tasks than tokio's budget has units.
            let tasks = (0..1000).map(|number| async move { (load(number / 2).await, load(number / 2).await) });
            let values = join_all(tasks).await;
            assert_eq!(values[1..3], [(Ok(Some(0)), Ok(Some(0))), (Ok(None), Ok(None))]);
            assert_eq!(loads.load(Ordering::Relaxed), 2 * round);
        }
    }

    #[tokio::test]
    async fn waiting_requests_are_served_though_the_first_is_dropped() {
        let batch = Batch::default();
        let mut first = Box::pin(batch.load(2, tenfold));
        assert!(first.as_mut().now_or_never().is_none(), "it yields to the others");
        let mut second = Box::pin(batch.load(4, tenfold));
        assert!(second.as_mut().now_or_never().is_none(), "it waits for the first");
        drop(first);
        assert_eq!(join_all([batch.load(6, tenfold).boxed(), second]).await, [Ok(Some(60)), Ok(Some(40))]);
    }
}
