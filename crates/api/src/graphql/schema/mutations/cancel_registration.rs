use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};
use domain::{
    InputValidator,
    commands::cancel_registration::{CancelRegistration, CancelRegistrationRefusal},
};

use super::{change_registration, payload, promoted};
use crate::graphql::{
    execution::cost::{PROMOTED, list_cost},
    schema::types::{registration::Registration, workshop::Workshop},
};

/// The details of a cancellation.
#[derive(Default, InputObject)]
struct CancelRegistrationInput {
    /// The reason, for the record: at most 500 characters.
    reason: Option<String>,
    /// Makes a retry safe: the same key with the same input returns the first success again, for 24 hours.
    idempotency_key: Option<String>,
}

/// The registration was cancelled.
#[derive(SimpleObject)]
pub(crate) struct CancelRegistrationSuccess {
    /// The registration.
    registration: Registration,
    /// The registrations that got a seat from the waitlist in the same transaction, in the order of the waitlist.
    #[graphql(complexity = "list_cost(PROMOTED, child_complexity)")]
    promoted: Vec<Registration>,
    /// The workshop, with its current seats.
    workshop: Workshop,
}

payload! {
    /// The cancelled registration with the promoted registrations, or the problem that prevented it.
    CancelRegistrationResult = CancelRegistrationSuccess or CancelRegistrationRefusal {
        InputInvalid, RegistrationInvalid, InvoiceClosed, GuestSignedIn, GuestMarkedNoShow,
        IdempotencyKeyReused,
    }
}

#[derive(Default)]
pub(super) struct CancelRegistrationMutation;

#[Object]
impl CancelRegistrationMutation {
    /// Cancels a registration: `REGISTERED` or `WAITLISTED` becomes `CANCELLED`. A free seat goes to the first guest on
    /// the waitlist whose track has a seat, in the same transaction. Cancelling twice has the same effect as cancelling
    /// once.
    async fn cancel_registration(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The registration, `reg_…`.")] registration_id: ID,
        #[graphql(desc = "The details of the cancellation.")] input: Option<CancelRegistrationInput>,
    ) -> Result<CancelRegistrationResult> {
        let CancelRegistrationInput { reason, idempotency_key } = input.unwrap_or_default();
        let mut validator = InputValidator::default();
        let reason = reason.map(|text| validator.reason("reason", &text));
        let reason = match validator.finish(reason) {
            Ok(reason) => reason,
            Err(invalid) => return Ok(CancelRegistrationRefusal::from(invalid).into()),
        };
        let command = CancelRegistration { registration: registration_id.parse().ok(), reason };
        let changed = match change_registration(ctx, command, idempotency_key).await? {
            Ok(changed) => changed,
            Err(refusal) => return Ok(refusal.into()),
        };
        let registration = Registration::load(ctx, changed.registration).await?;
        let workshop = Workshop::load(ctx, registration.0.workshop_id).await?;
        let promoted = promoted(ctx, &changed.promoted).await?;
        Ok(CancelRegistrationSuccess { registration, promoted, workshop }.into())
    }
}
