use std::{
    collections::{HashMap, HashSet},
    hash::Hash,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::{sync::watch, task::coop::unconstrained};

use super::fault::Fault;

type Answer<K, V> = Result<Arc<HashMap<K, V>>, Fault>;

/// Makes one look-up of many: whoever asks while the batch is open gets the answer out of the same statement.
///
/// The first to ask looks up for all, in the task that resolves the request, and lets that task go round once before.
/// So all that can be asked together is asked together, each time, without a timer. (async-graphql's `DataLoader` looks
/// up in a task of its own, which may start before the second one has asked, and waits a millisecond to make that
/// unlikely.) Nothing is kept: after a mutation the same key is looked up anew.
#[derive(Clone)]
pub(in crate::graphql) struct Batch<K, V> {
    open: Arc<Mutex<Option<Open<K, V>>>>,
}

struct Open<K, V> {
    keys: Vec<K>,
    answer: watch::Receiver<Option<Answer<K, V>>>,
}

/// What somebody who asks has to do.
enum Part<K, V> {
    LookUp(watch::Sender<Option<Answer<K, V>>>),
    Wait(watch::Receiver<Option<Answer<K, V>>>),
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
    /// What `look_up` finds for this key. All who ask the same batch must bring the same `look_up`.
    pub(in crate::graphql) async fn load<F, L>(&self, key: K, look_up: L) -> Result<Option<V>, Fault>
    where
        F: Future<Output = Result<HashMap<K, V>, Fault>> + Send,
        L: FnOnce(Vec<K>) -> F + Send,
    {
        loop {
            match self.join(&key) {
                Part::LookUp(tell) => {
                    tokio::task::yield_now().await;
                    let answer = look_up(self.close()).await.map(Arc::new);
                    let found = answer.clone().map(|found| found.get(&key).cloned());
                    tell.send_replace(Some(answer));
                    return found;
                }
                Part::Wait(mut answer) => {
                    // Out of tokio's budget: it would keep the last of many siblings from asking in this round.
                    if let Ok(answer) = unconstrained(answer.wait_for(Option::is_some)).await
                        && let Some(answer) = answer.as_ref()
                    {
                        return answer.clone().map(|found| found.get(&key).cloned());
                    }
                    // Who was to look up was given up, as are the siblings of a field that failed. Ask again.
                }
            }
        }
    }

    fn join(&self, key: &K) -> Part<K, V> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(batch) = open.as_mut()
            && batch.answer.has_changed().is_ok()
        {
            batch.keys.push(key.clone());
            return Part::Wait(batch.answer.clone());
        }
        let (tell, answer) = watch::channel(None);
        *open = Some(Open { keys: vec![key.clone()], answer });
        Part::LookUp(tell)
    }

    /// Lets nobody else in; answers with the keys of those who are, each once.
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
    async fn all_who_ask_together_are_answered_by_one_look_up() {
        let (batch, look_ups) = (Batch::default(), AtomicUsize::new(0));
        for round in 1..=100 {
            let ask = &|key: u32| {
                batch.load(key, |keys| {
                    look_ups.fetch_add(1, Ordering::Relaxed);
                    tenfold(keys)
                })
            };
            // Each asks twice in a row, and there are more of them than tokio's budget has units.
            let asks = (0..1000).map(|number| async move { (ask(number / 2).await, ask(number / 2).await) });
            let answers = join_all(asks).await;
            assert_eq!(answers[1..3], [(Ok(Some(0)), Ok(Some(0))), (Ok(None), Ok(None))]);
            assert_eq!(look_ups.load(Ordering::Relaxed), 2 * round);
        }
    }

    #[tokio::test]
    async fn those_who_wait_are_answered_though_the_first_was_given_up() {
        let batch = Batch::default();
        let mut first = Box::pin(batch.load(2, tenfold));
        assert!(first.as_mut().now_or_never().is_none(), "it lets the others ask");
        let mut second = Box::pin(batch.load(4, tenfold));
        assert!(second.as_mut().now_or_never().is_none(), "it waits for the first");
        drop(first);
        assert_eq!(join_all([batch.load(6, tenfold).boxed(), second]).await, [Ok(Some(60)), Ok(Some(40))]);
    }
}
