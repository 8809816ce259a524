//! A thread for the lanes alone.

use std::{
    io,
    sync::{Mutex, PoisonError},
};

use sea_orm::{DatabaseConnection, DbErr, RuntimeErr};
use tokio::{
    runtime::{Builder, Handle},
    sync::oneshot,
    task::JoinSet,
};

use crate::StoreError;

/// A runtime of one thread, which ends when it is dropped.
pub(super) struct Thread {
    runtime: Handle,
    tasks: Mutex<JoinSet<()>>,
    /// Dropped: the thread ends.
    _end: oneshot::Sender<()>,
}

impl Thread {
    /// Starts it, and makes a connection that is looked after there.
    pub(super) async fn start(
        connect: impl Future<Output = Result<DatabaseConnection, DbErr>> + Send + 'static,
    ) -> Result<(DatabaseConnection, Self), StoreError> {
        let runtime = Builder::new_current_thread().enable_all().build().map_err(|error| not_started(&error))?;
        let handle = runtime.handle().clone();
        let (end, ended) = oneshot::channel();
        std::thread::Builder::new()
            .name("lanes".to_owned())
            .spawn(move || {
                // An error says that it was dropped, which is what is waited for.
                let _ = runtime.block_on(ended);
            })
            .map_err(|error| not_started(&error))?;
        let db = handle.spawn(connect).await.map_err(|_| StoreError::Panicked)??;
        Ok((db, Self { runtime: handle, tasks: Mutex::default(), _end: end }))
    }

    /// Lets it work on this, too.
    pub(super) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        self.tasks.lock().unwrap_or_else(PoisonError::into_inner).spawn_on(task, &self.runtime);
    }

    /// Returns when all is done.
    pub(super) async fn finish(&self) {
        let mut tasks = std::mem::take(&mut *self.tasks.lock().unwrap_or_else(PoisonError::into_inner));
        while let Some(ended) = tasks.join_next().await {
            if let Err(error) = ended {
                // Not what was said of a panic, which may hold anything.
                tracing::error!(panicked = error.is_panic(), "a lane ended badly");
            }
        }
    }
}

fn not_started(error: &io::Error) -> DbErr {
    DbErr::Conn(RuntimeErr::Internal(format!("no thread for the lanes: {error}")))
}
