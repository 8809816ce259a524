//! The thread of the lanes.

use std::{
    io,
    sync::{Mutex, PoisonError},
};

use sea_orm::{DatabaseConnection, DbErr, RuntimeErr};
use tokio::{
    runtime::{Builder, Handle},
    sync::oneshot,
    task::{JoinError, JoinSet},
};

use crate::StoreError;

/// A runtime on a thread of its own, which ends when this value is dropped.
pub(super) struct Thread {
    runtime: Handle,
    tasks: Mutex<JoinSet<()>>,
    /// Dropping the sender ends the thread.
    _end: oneshot::Sender<()>,
}

impl Thread {
    /// Starts the thread, and makes a connection whose tasks run on it.
    pub(super) async fn start(
        connect: impl Future<Output = Result<DatabaseConnection, StoreError>> + Send + 'static,
    ) -> Result<(DatabaseConnection, Self), StoreError> {
        let runtime = Builder::new_current_thread().enable_all().build().map_err(|error| not_started(&error))?;
        let handle = runtime.handle().clone();
        let (end, ended) = oneshot::channel();
        std::thread::Builder::new()
            .name("lanes".to_owned())
            .spawn(move || {
                // An error means that the sender was dropped, which is the signal to end.
                let _ = runtime.block_on(ended);
            })
            .map_err(|error| not_started(&error))?;
        let db = handle.spawn(connect).await.map_err(|_| StoreError::Panicked)??;
        Ok((db, Self { runtime: handle, tasks: Mutex::default(), _end: end }))
    }

    /// Runs a task on the thread.
    pub(super) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        self.tasks.lock().unwrap_or_else(PoisonError::into_inner).spawn_on(task, &self.runtime);
    }

    /// Returns when all tasks have ended.
    pub(super) async fn finish(&self) {
        let mut tasks = std::mem::take(&mut *self.tasks.lock().unwrap_or_else(PoisonError::into_inner));
        while let Some(ended) = tasks.join_next().await {
            log_abnormal_end(ended);
        }
    }
}

/// Logs that a task of a lane panicked or was cancelled.
pub(super) fn log_abnormal_end(ended: Result<(), JoinError>) {
    if let Err(error) = ended {
        // Without the message of a panic, which can contain any value.
        tracing::error!(panicked = error.is_panic(), "the task of a lane did not end normally");
    }
}

fn not_started(error: &io::Error) -> DbErr {
    DbErr::Conn(RuntimeErr::Internal(format!("the thread of the lanes did not start: {error}")))
}
