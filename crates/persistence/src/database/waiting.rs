//! Waits for rows that other transactions hold.

use std::sync::Arc;

use sea_orm::DatabaseConnection;
use tokio::sync::{Semaphore, SemaphorePermit};

/// The connections on which this server waits for rows that other transactions hold, each for one row. All other work has
/// other connections, so that held rows do not delay it.
#[derive(Clone)]
pub(crate) struct WaitingConnections {
    /// The connections. A transaction has a permit before it takes one.
    pub(crate) pool: DatabaseConnection,
    permits: Arc<Semaphore>,
}

impl WaitingConnections {
    pub(crate) fn new(pool: DatabaseConnection, connections: u32) -> Self {
        Self { pool, permits: Arc::new(Semaphore::new(connections as usize)) }
    }

    /// Waits until one of the connections is free.
    pub(crate) async fn permit(&self) -> Option<SemaphorePermit<'_>> {
        // It is never `None`: nothing closes the semaphore.
        self.permits.acquire().await.ok()
    }
}
