use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Arc, Mutex, PoisonError},
};

use futures_util::{
    FutureExt,
    future::{BoxFuture, Shared},
};

use super::fault::Fault;

type Answer<K, V> = Result<Arc<HashMap<K, V>>, Fault>;

/// Makes one look-up of many: whoever asks while the batch is open gets the answer out of the same statement.
///
/// A batch is driven by those who wait for it, in the task that resolves the request, and lets that task go round once
/// before it looks anything up. So all that can be asked together is asked together, each time, without a timer.
/// (async-graphql's `DataLoader` looks up in a task of its own, which may start before the second one has asked, and
/// waits a millisecond to make that unlikely.) Nothing is kept: after a mutation the same key is looked up anew.
pub(super) struct Batch<K, V> {
    open: Arc<Mutex<Option<Open<K, V>>>>,
}

struct Open<K, V> {
    keys: Vec<K>,
    answer: Shared<BoxFuture<'static, Answer<K, V>>>,
}

impl<K, V> Default for Batch<K, V> {
    fn default() -> Self {
        Self { open: Arc::default() }
    }
}

impl<K, V> Batch<K, V>
where
    K: Clone + Eq + Hash + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    /// What `look_up` finds for this key. All who ask the same batch must bring the same `look_up`.
    pub(super) async fn load<F, L>(&self, key: K, look_up: L) -> Result<Option<V>, Fault>
    where
        F: Future<Output = Result<HashMap<K, V>, Fault>> + Send,
        L: FnOnce(Vec<K>) -> F + Send + 'static,
    {
        let answer = {
            let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
            let batch = open.get_or_insert_with(|| Open { keys: Vec::new(), answer: self.begin(look_up) });
            batch.keys.push(key.clone());
            batch.answer.clone()
        };
        Ok(answer.await?.get(&key).cloned())
    }

    fn begin<F, L>(&self, look_up: L) -> Shared<BoxFuture<'static, Answer<K, V>>>
    where
        F: Future<Output = Result<HashMap<K, V>, Fault>> + Send,
        L: FnOnce(Vec<K>) -> F + Send + 'static,
    {
        let open = self.open.clone();
        let answer = async move {
            tokio::task::yield_now().await;
            let batch = open.lock().unwrap_or_else(PoisonError::into_inner).take();
            let mut keys = batch.map(|batch| batch.keys).unwrap_or_default();
            let mut seen = std::collections::HashSet::with_capacity(keys.len());
            keys.retain(|key| seen.insert(key.clone()));
            look_up(keys).await.map(Arc::new)
        };
        answer.boxed().shared()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use futures_util::future::join_all;

    use super::*;

    #[tokio::test(flavor = "multi_thread")]
    async fn all_who_ask_together_are_answered_by_one_look_up() {
        let (batch, look_ups) = (Batch::default(), Arc::new(AtomicUsize::new(0)));
        let ask = |key: u32| {
            let look_ups = look_ups.clone();
            batch.load(key, move |keys: Vec<u32>| async move {
                look_ups.fetch_add(1, Ordering::Relaxed);
                Ok(keys.into_iter().filter(|key| key % 2 == 0).map(|key| (key, key * 10)).collect())
            })
        };
        for round in 1..=100 {
            let answers = join_all((0..200).map(|number| ask(number / 2))).await;
            assert_eq!(answers[..4], [Ok(Some(0)), Ok(Some(0)), Ok(None), Ok(None)]);
            assert_eq!(look_ups.load(Ordering::Relaxed), round);
        }
    }
}
