//! Edits: changes to workshops, centers and guests.

mod transaction;

use domain::{Fingerprint, WorkshopId, access::Authority, problems::IdempotencyKeyReused};
use sea_orm::DatabaseTransaction;
use uuid::Uuid;

use super::{ErasedContext, StoredResult};
use crate::{Clock, StoreError, database::row_lock::LockMode};

/// The result of an edit.
pub(crate) struct Edited<S> {
    pub(crate) success: S,
    /// Whether the edit wrote anything. If not, nothing is stored for a retry, which would change nothing either.
    pub(crate) has_changes: bool,
}

impl<S> Edited<S> {
    /// The result of an edit that always writes.
    pub(crate) fn changed(success: S) -> Self {
        Self { success, has_changes: true }
    }
}

/// A change to workshops, centers or guests. Each edit has its own transaction, because edits are too rare to batch.
pub(crate) trait Edit: Send + Sync + 'static {
    /// The result, which is stored for retries.
    type Success: StoredResult + Send;
    type Refusal: From<IdempotencyKeyReused> + Send;

    /// Distinguishes this edit from another one under the same key.
    fn fingerprint(&self) -> Fingerprint;

    /// The only row that the edit locks, if there is one.
    fn locked_row(&self) -> Option<Uuid> {
        None
    }

    /// The workshop that the edit can have changed.
    fn changed_workshop(_success: &Self::Success) -> Option<WorkshopId> {
        None
    }

    /// Locks the rows to change, decides with the caller's authority, and writes. A refusal rolls all writes back. With
    /// [`LockMode::SkipHeld`], the fault is [`StoreError::Held`] if another transaction holds the row.
    fn run(
        &self,
        tx: &DatabaseTransaction,
        clock: &Clock,
        by: &Authority,
        lock_mode: LockMode,
    ) -> impl Future<Output = Result<Result<Edited<Self::Success>, Self::Refusal>, StoreError>> + Send;
}

/// Defines the method of [`Store`] that runs an edit of one row, and the [`Edit`] of its command. The function in braces
/// decides and writes; after `locks` follows the field with the id of the row.
macro_rules! edit_command {
    (
        $(#[$doc:meta])*
        pub async fn $method:ident($command:ident, $permission:ident) -> Result<$success:ident, $refusal:ident> {
            $run:ident $(locks $row:ident)?
        }
    ) => {
        impl $crate::Store {
            $(#[$doc])*
            pub async fn $method(
                &self,
                command: $command,
                context: $crate::CommandContext<$permission>,
            ) -> Result<Result<$success, $refusal>, $crate::StoreError> {
                self.edit(command, context.erase()).await
            }
        }

        impl $crate::commands::edit::Edit for $command {
            type Success = $success;
            type Refusal = $refusal;

            fn fingerprint(&self) -> domain::Fingerprint {
                self.fingerprint
            }

            $(fn locked_row(&self) -> Option<uuid::Uuid> {
                self.$row.map(|id| id.uuid())
            })?

            async fn run(
                &self,
                tx: &sea_orm::DatabaseTransaction,
                clock: &$crate::Clock,
                by: &domain::access::Authority,
                lock_mode: $crate::database::row_lock::LockMode,
            ) -> Result<Result<$crate::commands::edit::Edited<$success>, $refusal>, $crate::StoreError> {
                $run(self, tx, clock.now(), by, lock_mode).await
            }
        }
    };
}
pub(super) use edit_command;
