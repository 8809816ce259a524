use async_graphql::{Context, Object, Result};
use domain::{
    CenterForm, CenterId,
    commands::create_center::{CreateCenter, CreateCenterRefusal},
};
use uuid::Uuid;

use super::{command_context, payload};
use crate::graphql::{
    execution::{context::store, fault::Fault},
    schema::{inputs::center::CenterInput, types::center::Center},
};

payload! {
    /// The new center, or the problem that prevented it.
    CreateCenterResult = Center or CreateCenterRefusal {
        InputInvalid, ExternalIdTaken, IdempotencyKeyReused
    }
}

#[derive(Default)]
pub(super) struct CreateCenterMutation;

#[Object]
impl CreateCenterMutation {
    /// Creates a center.
    async fn create_center(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The center to create.")] input: CenterInput,
    ) -> Result<CreateCenterResult> {
        let context = command_context(ctx, input.idempotency_key.as_deref())?;
        let command = match CreateCenter::parse(&CenterForm::from(input), CenterId::from_uuid(Uuid::now_v7())) {
            Ok(command) => command,
            Err(invalid) => return Ok(CreateCenterRefusal::from(invalid).into()),
        };
        let store = store(ctx);
        match store.create_center(command, context).await.map_err(Fault::from)? {
            Ok(id) => Ok(CreateCenterResult::Center(Center::load(ctx, id.uuid()).await?)),
            Err(refusal) => Ok(refusal.into()),
        }
    }
}
