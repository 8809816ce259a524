use async_graphql::{Context, ID, Object, Result};
use domain::commands::publish_workshop::{PublishWorkshop, PublishWorkshopRefusal};

use super::{command_context, edit_workshop, payload};
use crate::graphql::schema::types::workshop::Workshop;

payload! {
    /// The published workshop, or the first problem found. Problems are checked in the listed order, a reused
    /// idempotency key right after the input.
    PublishWorkshopResult = Workshop or PublishWorkshopRefusal {
        WorkshopInvalid, WorkshopNotEditable, WorkshopNotPublishable,
        IdempotencyKeyReused,
    }
}

#[derive(Default)]
pub(super) struct PublishWorkshopMutation;

#[Object]
impl PublishWorkshopMutation {
    /// Publishes a workshop: `DRAFT` becomes `PUBLISHED`, and guests can register while the registration window is
    /// open. The workshop needs at least one track and one center. Publishing twice has the same effect as publishing
    /// once.
    async fn publish_workshop(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The workshop, `wks_…`.")] workshop_id: ID,
        #[graphql(
            desc = "Makes a retry safe: the same key with the same input returns the first success again, for 24 hours."
        )]
        idempotency_key: Option<String>,
    ) -> Result<PublishWorkshopResult> {
        let context = command_context(ctx, idempotency_key.as_deref())?;
        match edit_workshop(ctx, PublishWorkshop { workshop: workshop_id.parse().ok() }, context).await? {
            Ok(edited) => Ok(PublishWorkshopResult::Workshop(Workshop::load(ctx, edited.workshop.uuid()).await?)),
            Err(refusal) => Ok(refusal.into()),
        }
    }
}
