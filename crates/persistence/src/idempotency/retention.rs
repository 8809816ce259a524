//! The bound on the results that are stored for one actor. The oldest are deleted first, before they expire.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use domain::Actor;
use sea_orm::{ConnectionTrait, DatabaseConnection, Statement};
use tokio::{sync::mpsc, task::JoinSet};

use crate::StoreError;

/// The approximate bytes of a stored result without its text: keys, digest and indexes.
const ROW_BYTES: usize = 512;
/// After how large a part of the bound the rows of an actor are counted again.
const PART: usize = 8;
/// The maximum number of actors whose new bytes are counted. Beyond it, those with the fewest are forgotten.
const MAX_ACTORS: usize = 10_000;
/// The number of actors that can wait for the task.
const QUEUE: usize = 64;

/// The bytes that a transaction stored for each actor.
pub(crate) type StoredBytes = Vec<(Actor, usize)>;

/// Bounds the bytes of each actor.
#[derive(Clone)]
pub(crate) struct Retention {
    max_bytes: usize,
    /// The bytes that were stored since the rows of the actor were counted.
    new: Arc<Mutex<HashMap<Actor, usize>>>,
    exceeded: mpsc::Sender<Actor>,
    tasks: Arc<Mutex<JoinSet<()>>>,
}

/// The bytes of a stored result.
pub(super) fn row_bytes(result: &str) -> usize {
    ROW_BYTES + result.len()
}

impl Retention {
    /// Starts the task that deletes the oldest results beyond the bound.
    pub(crate) fn start(db: DatabaseConnection, max_bytes: usize) -> Self {
        let (exceeded, mut actors) = mpsc::channel(QUEUE);
        let mut tasks = JoinSet::new();
        tasks.spawn(async move {
            while let Some(actor) = actors.recv().await {
                if let Err(fault) = delete_oldest(&db, &actor, max_bytes).await {
                    // The next results of this actor start another attempt.
                    tracing::warn!(?fault, "the results stored for a caller could not be deleted");
                }
            }
        });
        Self { max_bytes, new: Arc::default(), exceeded, tasks: Arc::new(Mutex::new(tasks)) }
    }

    /// Counts the bytes of a committed transaction.
    pub(crate) fn record(&self, stored: StoredBytes) {
        let mut new = self.new.lock().unwrap_or_else(PoisonError::into_inner);
        for (actor, bytes) in stored {
            let sum = new.entry(actor.clone()).or_default();
            *sum += bytes;
            // If the queue is full, the next result tries again.
            if *sum > self.max_bytes / PART && self.exceeded.try_send(actor.clone()).is_ok() {
                new.remove(&actor);
            }
        }
        if new.len() > MAX_ACTORS {
            let average = new.values().sum::<usize>() / new.len();
            new.retain(|_, bytes| *bytes > average);
        }
    }

    /// Ends the task.
    pub(crate) async fn close(&self) {
        let mut tasks = std::mem::take(&mut *self.tasks.lock().unwrap_or_else(PoisonError::into_inner));
        tasks.shutdown().await;
    }
}

async fn delete_oldest(db: &DatabaseConnection, actor: &Actor, max_bytes: usize) -> Result<(), StoreError> {
    let backend = db.get_database_backend();
    let sql = format!(
        "DELETE FROM idempotency_keys WHERE actor = $1 AND key IN (SELECT key FROM (SELECT key, \
         SUM(octet_length(result) + {ROW_BYTES}) OVER (ORDER BY created_at DESC, key) AS bytes \
         FROM idempotency_keys WHERE actor = $1) AS newest WHERE bytes > $2)"
    );
    let values = [actor.to_string().into(), i64::try_from(max_bytes).unwrap_or(i64::MAX).into()];
    db.execute_raw(Statement::from_sql_and_values(backend, sql, values)).await?;
    Ok(())
}
