use async_graphql::{Context, ID, Object, Result};
use domain::commands::check_in_guest::{CheckInGuest, CheckInGuestRefusal};

use super::{payload, settle};
use crate::graphql::types::registration::Registration;

payload! {
    /// The registration, signed in, or the problem that stands in the way.
    CheckInGuestResult = Registration or CheckInGuestRefusal {
        RegistrationIdInvalid, RegistrationCancelled, GuestWaitlisted, RegistrationClosed,
        IdempotencyKeyReused,
    }
}

#[derive(Default)]
pub(super) struct CheckInGuestMutation;

#[Object]
impl CheckInGuestMutation {
    /// Notes that a guest has come: `REGISTERED` or `NO_SHOW` becomes `SIGNED_IN`. Doing it twice is the same as doing it once.
    async fn check_in_guest(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The registration, `reg_…`.")] registration_id: ID,
        #[graphql(
            desc = "Makes a retry safe: the same key with the same input answers with the first success again, for 24 hours."
        )]
        idempotency_key: Option<String>,
    ) -> Result<CheckInGuestResult> {
        let command = CheckInGuest { registration: registration_id.parse().ok() };
        match settle(ctx, command, idempotency_key).await? {
            Ok(settled) => Ok(CheckInGuestResult::Registration(Registration::load(ctx, settled.registration).await?)),
            Err(refusal) => Ok(refusal.into()),
        }
    }
}
