use async_graphql::{Context, ID, Object, Result};
use domain::{
    GuestForm,
    commands::update_guest::{UpdateGuest, UpdateGuestRefusal},
    problems::ResultNotVisible,
};

use super::{command_context, payload};
use crate::graphql::{
    execution::{context::store, fault::Fault},
    schema::{inputs::guest::GuestInput, types::guest::Guest},
};

payload! {
    /// The updated guest, or the problem that prevented it.
    UpdateGuestResult = Guest or UpdateGuestRefusal {
        InputInvalid, GuestInvalid, CenterInvalid, ExternalIdTaken, IdempotencyKeyReused, ResultNotVisible
    }
}

#[derive(Default)]
pub(super) struct UpdateGuestMutation;

#[Object]
impl UpdateGuestMutation {
    /// Updates a guest. An omitted field keeps its value, and null clears a field that can be empty. An update that
    /// changes nothing succeeds. Only a caller with access to all centers, and not the guest, can change the
    /// `externalId`.
    async fn update_guest(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The guest, `gst_…`.")] guest_id: ID,
        #[graphql(desc = "The fields to change.")] input: GuestInput,
    ) -> Result<UpdateGuestResult> {
        let context = command_context(ctx, input.idempotency_key.as_deref())?;
        let command = match UpdateGuest::parse(&GuestForm::from(input), &guest_id) {
            Ok(command) => command,
            Err(invalid) => return Ok(UpdateGuestRefusal::from(invalid).into()),
        };
        let store = store(ctx);
        match store.update_guest(command, context).await.map_err(Fault::from)? {
            Ok(id) => Ok(Guest::find(ctx, id)
                .await?
                .map_or_else(|| UpdateGuestRefusal::from(ResultNotVisible).into(), UpdateGuestResult::Guest)),
            Err(refusal) => Ok(refusal.into()),
        }
    }
}
