use async_graphql::{Context, ID, Object, Result};
use domain::commands::promote_from_waitlist::{PromoteFromWaitlist, PromoteFromWaitlistRefusal};

use super::{payload, settle};
use crate::graphql::types::registration::Registration;

payload! {
    /// The registration, with its seat, or the problem that stands in the way.
    PromoteFromWaitlistResult = Registration or PromoteFromWaitlistRefusal {
        RegistrationIdInvalid, GuestNotWaitlisted, WorkshopStarted, CapacityExceeded,
        IdempotencyKeyReused,
    }
}

#[derive(Default)]
pub(super) struct PromoteFromWaitlistMutation;

#[Object]
impl PromoteFromWaitlistMutation {
    /// Gives a free seat to a guest who waits, past those who are ahead in line. Until the first session starts.
    async fn promote_from_waitlist(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The registration, `reg_…`.")] registration_id: ID,
        #[graphql(
            desc = "Makes a retry safe: the same key with the same input answers with the first success again, for 24 hours."
        )]
        idempotency_key: Option<String>,
    ) -> Result<PromoteFromWaitlistResult> {
        let command = PromoteFromWaitlist { registration: registration_id.parse().ok() };
        match settle(ctx, command, idempotency_key).await? {
            Ok(settled) => {
                Ok(PromoteFromWaitlistResult::Registration(Registration::load(ctx, settled.registration).await?))
            }
            Err(refusal) => Ok(refusal.into()),
        }
    }
}
