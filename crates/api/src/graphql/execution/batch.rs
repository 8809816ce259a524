use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Arc, Mutex, PoisonError},
};

use futures_util::future::BoxFuture;
use persistence::StoreError;
use tokio::{sync::watch, task::coop::unconstrained};

use super::{fault::Fault, loaded::Loaded, row_budget::RowBudget};

type BatchResult<K, V> = Result<Arc<HashMap<K, V>>, Fault>;

/// The bytes of rows that one statement loads at most. A batch with more keys takes several statements.
const STATEMENT_BYTES: usize = 16 * 1024 * 1024;
/// The keys of one statement. SQLite accepts 32,766 parameters.
const STATEMENT_KEYS: usize = 10_000;

/// The parts into which keys with too many rows are divided. Their rows are loaded again, so a few large steps are better
/// than many small ones.
const SPLIT: usize = 8;

/// Batches lookups: all keys that are requested while the batch is open are loaded together, usually in one statement.
///
/// The first request loads for all, in the task that resolves the operation, after it has yielded once. So all keys that
/// can be requested together are always loaded together, without a timer. (async-graphql's `DataLoader` loads in a task of
/// its own, which can start before the second key is requested. It waits a millisecond to make that unlikely.) Results are
/// not cached: after a mutation, the same key is loaded again.
///
/// Operations can share a batch. Each key counts only in the budgets of the operations that requested it, and is not
/// loaded if all of them are exhausted.
#[derive(Clone)]
pub(in crate::graphql) struct Batch<K, V> {
    open: Arc<Mutex<Option<OpenBatch<K, V>>>>,
}

struct OpenBatch<K, V> {
    requests: Vec<(K, RowBudget)>,
    result: watch::Receiver<Option<BatchResult<K, V>>>,
}

/// What a request for a key does.
enum RequestRole<K, V> {
    Load(watch::Sender<Option<BatchResult<K, V>>>),
    Wait(watch::Receiver<Option<BatchResult<K, V>>>),
}

/// Why a statement has no result.
pub(in crate::graphql) enum LoadError {
    /// Its keys have more rows than it may load.
    TooManyRows,
    Fault(Fault),
}

impl From<StoreError> for LoadError {
    fn from(error: StoreError) -> Self {
        Self::Fault(error.into())
    }
}

/// The keys of one statement.
pub(in crate::graphql) struct Part<K> {
    pub(in crate::graphql) keys: Vec<K>,
    /// A statement that loads lists without a page size fails for more rows.
    pub(in crate::graphql) at_most: usize,
}

/// How the keys of a batch are loaded.
pub(in crate::graphql) struct Load<K, F> {
    /// The usual number of rows of a key; for a page, the largest.
    pub(in crate::graphql) rows_of: fn(&K) -> usize,
    /// Loads a part in one statement.
    pub(in crate::graphql) statement: F,
}

impl<K, V> Default for Batch<K, V> {
    fn default() -> Self {
        Self { open: Arc::default() }
    }
}

impl<K, V> Batch<K, V>
where
    K: Clone + Eq + Hash + Send + Sync,
    V: Loaded,
{
    /// Returns the value of this key. All requests to the same batch must pass the same `load`. Never returns if the
    /// response of the operation has no room for the rows: the operation is then dropped.
    pub(in crate::graphql) async fn load<'a, F>(
        &self,
        key: K,
        budget: &RowBudget,
        load: Load<K, F>,
    ) -> Result<Option<V>, Fault>
    where
        F: Fn(Part<K>) -> BoxFuture<'a, Result<HashMap<K, V>, LoadError>> + Send + Sync,
    {
        // Before the lookup waits, because many waiting lookups take memory, too.
        budget.expect(1, 0);
        budget.continue_within().await;
        let result = loop {
            match self.join(&key, budget) {
                RequestRole::Load(sender) => {
                    tokio::task::yield_now().await;
                    // A large response is built in steps, so some of its lookups join later.
                    let mut joined = 0;
                    while budget.is_large() && joined < self.len() {
                        joined = self.len();
                        tokio::task::yield_now().await;
                    }
                    let result = load.run(self.close()).await.map(Arc::new);
                    sender.send_replace(Some(result.clone()));
                    break result;
                }
                RequestRole::Wait(mut result) => {
                    // Tokio's budget would keep the last of many siblings from joining this batch.
                    if let Ok(result) = unconstrained(result.wait_for(Option::is_some)).await
                        && let Some(result) = result.as_ref()
                    {
                        break result.clone();
                    }
                    // The request that should load was dropped, as happens to the siblings of a failed field. Try again.
                }
            }
        };
        budget.continue_within().await;
        result.map(|values| values.get(&key).cloned())
    }

    fn join(&self, key: &K, budget: &RowBudget) -> RequestRole<K, V> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(batch) = open.as_mut()
            && batch.result.has_changed().is_ok()
        {
            batch.requests.push((key.clone(), budget.clone()));
            return RequestRole::Wait(batch.result.clone());
        }
        let (sender, result) = watch::channel(None);
        *open = Some(OpenBatch { requests: vec![(key.clone(), budget.clone())], result });
        RequestRole::Load(sender)
    }

    /// The number of requests of the open batch.
    fn len(&self) -> usize {
        let open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.as_ref().map_or(0, |batch| batch.requests.len())
    }

    /// Closes the batch, and returns its requests.
    fn close(&self) -> Vec<(K, RowBudget)> {
        let batch = self.open.lock().unwrap_or_else(PoisonError::into_inner).take();
        batch.map(|batch| batch.requests).unwrap_or_default()
    }
}

/// The operations that requested a key, each with the number of its requests.
type Requesters = Vec<(RowBudget, usize)>;

impl<K: Clone + Eq + Hash, F> Load<K, F> {
    /// Loads the keys of a batch.
    async fn run<'a, V: Loaded>(&self, requests: Vec<(K, RowBudget)>) -> Result<HashMap<K, V>, Fault>
    where
        F: Fn(Part<K>) -> BoxFuture<'a, Result<HashMap<K, V>, LoadError>>,
    {
        let requesters = by_key(requests);
        let rows = STATEMENT_BYTES / V::ROW_BYTES;
        let mut parts = self.divide(requesters.keys().cloned(), rows);
        let mut loaded = HashMap::with_capacity(requesters.len());
        while let Some(mut keys) = parts.pop() {
            keys.retain(|key| requesters[key].iter().any(|(budget, _)| !budget.is_exhausted()));
            let at_most = match &*keys {
                [] => continue,
                [only] => requesters[only].iter().map(|(budget, _)| budget.limit()).fold(rows, usize::max),
                _ => rows,
            };
            match (self.statement)(Part { keys: keys.clone(), at_most }).await {
                Ok(values) => {
                    for (key, value) in &values {
                        count(value, &requesters[key]);
                    }
                    loaded.extend(values);
                }
                Err(LoadError::TooManyRows) if keys.len() == 1 => {
                    requesters[&keys[0]].iter().for_each(|(budget, _)| budget.exceed());
                }
                Err(LoadError::TooManyRows) => {
                    parts.extend(keys.chunks(keys.len().div_ceil(SPLIT)).map(<[K]>::to_vec));
                }
                Err(LoadError::Fault(fault)) => return Err(fault),
            }
        }
        Ok(loaded)
    }

    /// Divides keys into statements by their usual number of rows.
    fn divide(&self, keys: impl Iterator<Item = K>, rows: usize) -> Vec<Vec<K>> {
        let (mut parts, mut left) = (Vec::<Vec<K>>::new(), 0);
        for key in keys {
            let of_key = (self.rows_of)(&key);
            match parts.last_mut() {
                Some(part) if of_key <= left && part.len() < STATEMENT_KEYS => {
                    left -= of_key;
                    part.push(key);
                }
                _ => {
                    left = rows.saturating_sub(of_key);
                    parts.push(vec![key]);
                }
            }
        }
        parts
    }
}

fn by_key<K: Eq + Hash>(requests: Vec<(K, RowBudget)>) -> HashMap<K, Requesters> {
    let mut by_key: HashMap<K, Requesters> = HashMap::new();
    for (key, budget) in requests {
        let requesters = by_key.entry(key).or_default();
        match requesters.last_mut() {
            Some((last, requests)) if last.is_same(&budget) => *requests += 1,
            _ => requesters.push((budget, 1)),
        }
    }
    by_key
}

/// Counts a value for all its requests. Each request has counted one object.
fn count(value: &impl Loaded, requesters: &Requesters) {
    let (more, text_bytes) = (value.objects().saturating_sub(1), value.text_bytes());
    for (budget, requests) in requesters {
        budget.expect(more.saturating_mul(*requests), text_bytes);
    }
}

#[cfg(test)]
mod tests;
