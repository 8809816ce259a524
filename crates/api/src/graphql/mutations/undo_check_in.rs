use async_graphql::{Context, ID, Object, Result};
use domain::commands::undo_check_in::{UndoCheckIn, UndoCheckInRefusal};

use super::{payload, settle};
use crate::graphql::types::registration::Registration;

payload! {
    /// The registration, registered again, or the problem that stands in the way.
    UndoCheckInResult = Registration or UndoCheckInRefusal {
        RegistrationIdInvalid, RegistrationCancelled, GuestWaitlisted, RegistrationClosed, GuestNotSignedIn,
        IdempotencyKeyReused,
    }
}

#[derive(Default)]
pub(super) struct UndoCheckInMutation;

#[Object]
impl UndoCheckInMutation {
    /// Takes a check-in back: `SIGNED_IN` becomes `REGISTERED`, or `WORKSHOP_CANCELLED` at a workshop that was cancelled.
    async fn undo_check_in(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The registration, `reg_…`.")] registration_id: ID,
        #[graphql(
            desc = "Makes a retry safe: the same key with the same input answers with the first success again, for 24 hours."
        )]
        idempotency_key: Option<String>,
    ) -> Result<UndoCheckInResult> {
        let command = UndoCheckIn { registration: registration_id.parse().ok() };
        match settle(ctx, command, idempotency_key).await? {
            Ok(settled) => Ok(UndoCheckInResult::Registration(Registration::load(ctx, settled.registration).await?)),
            Err(refusal) => Ok(refusal.into()),
        }
    }
}
