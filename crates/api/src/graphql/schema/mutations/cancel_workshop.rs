use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};
use domain::{
    InputValidator,
    commands::cancel_workshop::{CancelWorkshop, CancelWorkshopRefusal},
};

use super::{caller, edit, payload};
use crate::graphql::schema::types::workshop::Workshop;

/// What there is to say of it.
#[derive(Default, InputObject)]
struct CancelWorkshopInput {
    /// Why, for the record of everybody who is released: at most 500 characters.
    reason: Option<String>,
    /// Makes a retry safe: the same key with the same input answers with the first success again, for 24 hours.
    idempotency_key: Option<String>,
}

/// The workshop is cancelled.
#[derive(SimpleObject)]
pub(crate) struct CancelWorkshopSuccess {
    /// The workshop.
    workshop: Workshop,
    /// How many registrations were released; 0 when it was cancelled before.
    released: u32,
}

payload! {
    /// The cancelled workshop with how many were released, or the problem that stands in the way, in the order in which
    /// they are checked.
    CancelWorkshopResult = CancelWorkshopSuccess or CancelWorkshopRefusal {
        InputInvalid, WorkshopInvalid, WorkshopNotEditable,
        IdempotencyKeyReused,
    }
}

#[derive(Default)]
pub(super) struct CancelWorkshopMutation;

#[Object]
impl CancelWorkshopMutation {
    /// Calls a workshop off, for good. All its registrations that are `REGISTERED` or `WAITLISTED` become
    /// `WORKSHOP_CANCELLED` in the same transaction; nobody is promoted. Who was signed in or marked as a no-show stays
    /// so. Cancelling twice is the same as cancelling once.
    async fn cancel_workshop(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The workshop, `wks_…`.")] workshop_id: ID,
        #[graphql(desc = "What there is to say of it.")] input: Option<CancelWorkshopInput>,
    ) -> Result<CancelWorkshopResult> {
        let CancelWorkshopInput { reason, idempotency_key } = input.unwrap_or_default();
        let caller = caller(ctx, idempotency_key.as_deref())?;
        let mut validator = InputValidator::default();
        let reason = reason.map(|text| validator.reason("reason", &text));
        let reason = match validator.finish(reason) {
            Ok(reason) => reason,
            Err(invalid) => return Ok(CancelWorkshopRefusal::from(invalid).into()),
        };
        let edited = match edit(ctx, CancelWorkshop { workshop: workshop_id.parse().ok(), reason }, caller).await? {
            Ok(edited) => edited,
            Err(refusal) => return Ok(refusal.into()),
        };
        let workshop = Workshop::load(ctx, edited.workshop.uuid()).await?;
        Ok(CancelWorkshopSuccess { workshop, released: edited.released }.into())
    }
}
