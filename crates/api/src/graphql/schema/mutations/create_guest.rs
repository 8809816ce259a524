use async_graphql::{Context, Object, Result};
use domain::{
    GuestForm, GuestId,
    commands::create_guest::{CreateGuest, CreateGuestRefusal},
    problems::ResultNotVisible,
};
use uuid::Uuid;

use super::{command_context, payload};
use crate::graphql::{
    execution::{context::store, fault::Fault},
    schema::{inputs::guest::GuestInput, types::guest::Guest},
};

payload! {
    /// The new guest, or the problem that prevented it.
    CreateGuestResult = Guest or CreateGuestRefusal {
        InputInvalid, CenterInvalid, ExternalIdTaken, IdempotencyKeyReused, ResultNotVisible
    }
}

#[derive(Default)]
pub(super) struct CreateGuestMutation;

#[Object]
impl CreateGuestMutation {
    /// Creates a guest. `importGuests` creates many guests at once.
    async fn create_guest(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The guest to create.")] input: GuestInput,
    ) -> Result<CreateGuestResult> {
        let context = command_context(ctx, input.idempotency_key.as_deref())?;
        let command = match CreateGuest::parse(&GuestForm::from(input), GuestId::from_uuid(Uuid::now_v7())) {
            Ok(command) => command,
            Err(invalid) => return Ok(CreateGuestRefusal::from(invalid).into()),
        };
        let store = store(ctx);
        match store.create_guest(command, context).await.map_err(Fault::from)? {
            Ok(id) => Ok(Guest::find(ctx, id)
                .await?
                .map_or_else(|| CreateGuestRefusal::from(ResultNotVisible).into(), CreateGuestResult::Guest)),
            Err(refusal) => Ok(refusal.into()),
        }
    }
}
