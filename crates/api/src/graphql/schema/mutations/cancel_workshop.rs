use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};
use domain::{
    InputValidator,
    commands::cancel_workshop::{CancelWorkshop, CancelWorkshopRefusal},
    problems::ResultNotVisible,
};

use super::{command_context, edit_workshop, payload};
use crate::graphql::schema::types::workshop::Workshop;

/// The details of a workshop's cancellation.
#[derive(Default, InputObject)]
struct CancelWorkshopInput {
    /// The reason, for the record of each released registration: at most 500 characters.
    reason: Option<String>,
    /// Makes a retry safe: the same key with the same input returns the first success again, for 24 hours.
    idempotency_key: Option<String>,
}

/// The workshop was cancelled.
#[derive(SimpleObject)]
pub(crate) struct CancelWorkshopSuccess {
    /// The workshop.
    workshop: Workshop,
    /// The number of registrations released; 0 if the workshop was cancelled before.
    released: u32,
}

payload! {
    /// The cancelled workshop with the number of released registrations, or the first problem found. Problems are
    /// checked in the listed order, a reused idempotency key right after the input.
    CancelWorkshopResult = CancelWorkshopSuccess or CancelWorkshopRefusal {
        InputInvalid, WorkshopInvalid, WorkshopNotEditable,
        IdempotencyKeyReused, ResultNotVisible,
    }
}

#[derive(Default)]
pub(super) struct CancelWorkshopMutation;

#[Object]
impl CancelWorkshopMutation {
    /// Cancels a workshop for good. All its `REGISTERED` and `WAITLISTED` registrations become `WORKSHOP_CANCELLED` in
    /// the same transaction. No guest is promoted. Registrations that are `SIGNED_IN` or `NO_SHOW` keep their state.
    /// Cancelling twice has the same effect as cancelling once.
    async fn cancel_workshop(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The workshop, `wks_…`.")] workshop_id: ID,
        #[graphql(desc = "The details of the cancellation.")] input: Option<CancelWorkshopInput>,
    ) -> Result<CancelWorkshopResult> {
        let CancelWorkshopInput { reason, idempotency_key } = input.unwrap_or_default();
        let context = command_context(ctx, idempotency_key.as_deref())?;
        let mut validator = InputValidator::default();
        let reason = reason.map(|text| validator.reason("reason", &text));
        let reason = match validator.finish(reason) {
            Ok(reason) => reason,
            Err(invalid) => return Ok(CancelWorkshopRefusal::from(invalid).into()),
        };
        let edited =
            match edit_workshop(ctx, CancelWorkshop { workshop: workshop_id.parse().ok(), reason }, context).await? {
                Ok(edited) => edited,
                Err(refusal) => return Ok(refusal.into()),
            };
        let Some(workshop) = Workshop::find(ctx, edited.workshop).await? else {
            return Ok(CancelWorkshopRefusal::from(ResultNotVisible).into());
        };
        Ok(CancelWorkshopSuccess { workshop, released: edited.released }.into())
    }
}
