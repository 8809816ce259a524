use std::sync::Arc;

use async_graphql::{Context, ID, Object, Result};
use domain::{
    GuestForm,
    commands::update_guest::{UpdateGuest, UpdateGuestRefusal},
};
use persistence::Store;

use super::{caller, payload};
use crate::graphql::{
    execution::fault::Fault,
    schema::{inputs::guest::GuestInput, types::guest::Guest},
};

payload! {
    /// The guest as it is now, or the problem that stands in the way.
    UpdateGuestResult = Guest or UpdateGuestRefusal {
        InputInvalid, GuestInvalid, CenterInvalid, ExternalIdTaken, IdempotencyKeyReused
    }
}

#[derive(Default)]
pub(super) struct UpdateGuestMutation;

#[Object]
impl UpdateGuestMutation {
    /// Changes what is known of a guest. A field that is left out stays as it is, and null empties one that can be empty. A
    /// change that changes nothing is a success, too. Only who reaches all centers changes the `externalId`, and not the guest.
    async fn update_guest(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The guest, `gst_…`.")] guest_id: ID,
        #[graphql(desc = "What is to be different.")] input: GuestInput,
    ) -> Result<UpdateGuestResult> {
        let caller = caller(ctx, input.idempotency_key.as_deref())?;
        let command = match UpdateGuest::parse(&GuestForm::from(input), &guest_id) {
            Ok(command) => command,
            Err(invalid) => return Ok(UpdateGuestRefusal::from(invalid).into()),
        };
        let store = ctx.data_unchecked::<Arc<Store>>();
        match store.update_guest(command, caller).await.map_err(Fault::from)? {
            Ok(id) => Ok(UpdateGuestResult::Guest(Guest::load(ctx, id.uuid()).await?)),
            Err(refusal) => Ok(refusal.into()),
        }
    }
}
