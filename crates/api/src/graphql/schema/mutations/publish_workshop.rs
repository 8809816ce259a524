use async_graphql::{Context, ID, Object, Result};
use domain::commands::publish_workshop::{PublishWorkshop, PublishWorkshopRefusal};

use super::{caller, edit, payload};
use crate::graphql::schema::types::workshop::Workshop;

payload! {
    /// The workshop, published, or the problem that stands in the way, in the order in which they are checked.
    PublishWorkshopResult = Workshop or PublishWorkshopRefusal {
        WorkshopInvalid, WorkshopNotEditable, WorkshopNotPublishable,
        IdempotencyKeyReused,
    }
}

#[derive(Default)]
pub(super) struct PublishWorkshopMutation;

#[Object]
impl PublishWorkshopMutation {
    /// Lets guests register to a workshop while its window is open: `DRAFT` becomes `PUBLISHED`. It needs at least one
    /// track and one center. Publishing twice is the same as publishing once.
    async fn publish_workshop(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The workshop, `wks_…`.")] workshop_id: ID,
        #[graphql(
            desc = "Makes a retry safe: the same key with the same input answers with the first success again, for 24 hours."
        )]
        idempotency_key: Option<String>,
    ) -> Result<PublishWorkshopResult> {
        let caller = caller(ctx, idempotency_key.as_deref())?;
        match edit(ctx, PublishWorkshop { workshop: workshop_id.parse().ok() }, caller).await? {
            Ok(edited) => Ok(PublishWorkshopResult::Workshop(Workshop::load(ctx, edited.workshop.uuid()).await?)),
            Err(refusal) => Ok(refusal.into()),
        }
    }
}
