use async_graphql::{Context, ID, Object, Result};
use domain::{
    CenterForm,
    commands::update_center::{UpdateCenter, UpdateCenterRefusal},
};

use super::{command_context, payload};
use crate::graphql::{
    execution::{context::store, fault::Fault},
    schema::{inputs::center::CenterInput, types::center::Center},
};

payload! {
    /// The updated center, or the problem that prevented it.
    UpdateCenterResult = Center or UpdateCenterRefusal {
        InputInvalid, CenterInvalid, ExternalIdTaken, IdempotencyKeyReused
    }
}

#[derive(Default)]
pub(super) struct UpdateCenterMutation;

#[Object]
impl UpdateCenterMutation {
    /// Updates a center. An omitted field keeps its value, and null clears a field that can be empty. An update that
    /// changes nothing succeeds.
    async fn update_center(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The center, `ctr_…`.")] center_id: ID,
        #[graphql(desc = "The fields to change.")] input: CenterInput,
    ) -> Result<UpdateCenterResult> {
        let context = command_context(ctx, input.idempotency_key.as_deref())?;
        let command = match UpdateCenter::parse(&CenterForm::from(input), &center_id) {
            Ok(command) => command,
            Err(invalid) => return Ok(UpdateCenterRefusal::from(invalid).into()),
        };
        let store = store(ctx);
        match store.update_center(command, context).await.map_err(Fault::from)? {
            Ok(id) => Ok(UpdateCenterResult::Center(Center::load(ctx, id.uuid()).await?)),
            Err(refusal) => Ok(refusal.into()),
        }
    }
}
