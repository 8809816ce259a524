use async_graphql::{Context, ID, Object, Result};
use domain::commands::mark_no_show::{MarkNoShow, MarkNoShowRefusal};

use super::{payload, settle};
use crate::graphql::types::registration::Registration;

payload! {
    /// The registration, marked as a no-show, or the problem that stands in the way.
    MarkNoShowResult = Registration or MarkNoShowRefusal {
        RegistrationIdInvalid, RegistrationCancelled, GuestWaitlisted, RegistrationClosed, GuestSignedIn, WorkshopNotStarted,
        IdempotencyKeyReused,
    }
}

#[derive(Default)]
pub(super) struct MarkNoShowMutation;

#[Object]
impl MarkNoShowMutation {
    /// Notes, once the workshop has started, that a guest did not come: `REGISTERED` becomes `NO_SHOW` and keeps its seat.
    /// Doing it twice is the same as doing it once; `checkInGuest` takes it back should the guest arrive after all.
    async fn mark_no_show(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The registration, `reg_…`.")] registration_id: ID,
        #[graphql(
            desc = "Makes a retry safe: the same key with the same input answers with the first success again, for 24 hours."
        )]
        idempotency_key: Option<String>,
    ) -> Result<MarkNoShowResult> {
        let command = MarkNoShow { registration: registration_id.parse().ok() };
        match settle(ctx, command, idempotency_key).await? {
            Ok(settled) => Ok(MarkNoShowResult::Registration(Registration::load(ctx, settled.registration).await?)),
            Err(refusal) => Ok(refusal.into()),
        }
    }
}
