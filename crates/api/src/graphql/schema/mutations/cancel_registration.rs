use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};
use domain::{
    InputValidator,
    commands::cancel_registration::{CancelRegistration, CancelRegistrationRefusal},
};

use super::{payload, promoted, settle};
use crate::graphql::schema::types::{registration::Registration, workshop::Workshop};

/// What there is to say of a cancellation.
#[derive(Default, InputObject)]
struct CancelRegistrationInput {
    /// Why, for the record: at most 500 characters.
    reason: Option<String>,
    /// Makes a retry safe: the same key with the same input answers with the first success again, for 24 hours.
    idempotency_key: Option<String>,
}

/// The registration is cancelled.
#[derive(SimpleObject)]
pub(crate) struct CancelRegistrationSuccess {
    /// The registration.
    registration: Registration,
    /// Guests who got a seat from the waitlist in the same transaction, first in line first.
    promoted: Vec<Registration>,
    /// The workshop, with the seats it has now.
    workshop: Workshop,
}

payload! {
    /// The cancelled registration with who was promoted, or the problem that stands in the way.
    CancelRegistrationResult = CancelRegistrationSuccess or CancelRegistrationRefusal {
        InputInvalid, RegistrationInvalid, InvoiceClosed, GuestSignedIn, GuestMarkedNoShow,
        IdempotencyKeyReused,
    }
}

#[derive(Default)]
pub(super) struct CancelRegistrationMutation;

#[Object]
impl CancelRegistrationMutation {
    /// Gives up a seat, or a place in line: `REGISTERED` or `WAITLISTED` becomes `CANCELLED`. A seat goes to the first in line
    /// whose track has room, in the same transaction. Cancelling twice is the same as cancelling once.
    async fn cancel_registration(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The registration, `reg_…`.")] registration_id: ID,
        #[graphql(desc = "What there is to say of it.")] input: Option<CancelRegistrationInput>,
    ) -> Result<CancelRegistrationResult> {
        let CancelRegistrationInput { reason, idempotency_key } = input.unwrap_or_default();
        let mut validator = InputValidator::default();
        let reason = reason.map(|text| validator.reason("reason", &text));
        let reason = match validator.finish(reason) {
            Ok(reason) => reason,
            Err(invalid) => return Ok(CancelRegistrationRefusal::from(invalid).into()),
        };
        let command = CancelRegistration { registration: registration_id.parse().ok(), reason };
        let settled = match settle(ctx, command, idempotency_key).await? {
            Ok(settled) => settled,
            Err(refusal) => return Ok(refusal.into()),
        };
        let registration = Registration::load(ctx, settled.registration).await?;
        let workshop = Workshop::load(ctx, registration.0.workshop_id).await?;
        let promoted = promoted(ctx, &settled.promoted).await?;
        Ok(CancelRegistrationSuccess { registration, promoted, workshop }.into())
    }
}
