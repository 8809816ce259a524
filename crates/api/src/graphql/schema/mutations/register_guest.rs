use std::sync::Arc;

use async_graphql::{Context, ID, InputObject, Object, Result};
use domain::{
    RegistrationId,
    commands::register_guest::{RegisterGuest, RegisterGuestRefusal, RegistrationForm},
    problems as facts,
};
use persistence::{RegisteredGuest, Store};
use uuid::Uuid;

use super::{caller, payload};
use crate::graphql::{execution::fault::Fault, schema::types::registration::Registration};

/// What it takes to register a guest.
#[derive(InputObject)]
pub(crate) struct RegisterGuestInput {
    /// Required: the track's number (int32). Omitted, null or not given: MissingInput (1004).
    track_id: Option<i32>,
    /// Required: the guest to register. Omitted, null or blank: MissingInput (1004).
    guest_id: Option<ID>,
    /// Required: the center where the guest registers. Omitted, null or blank: MissingInput (1004).
    center_id: Option<ID>,
    /// true: add the guest to the waitlist instead of registering. false: register, never waitlist.
    #[graphql(default)]
    waitlist: bool,
    /// Makes a retry safe: the same key with the same input answers with the first success again, for 24 hours. A refusal
    /// changes nothing and is not kept. 1 to 255 visible ASCII characters, for example a UUID made for this
    /// registration.
    idempotency_key: Option<String>,
}

impl RegisterGuestInput {
    /// The command, unless something is missing.
    pub(in crate::graphql) fn parse(&self, workshop: &str) -> Result<RegisterGuest, facts::MissingInput> {
        let form = RegistrationForm {
            workshop,
            track: self.track_id,
            guest: self.guest_id.as_deref().map(String::as_str),
            center: self.center_id.as_deref().map(String::as_str),
            waitlist: self.waitlist,
        };
        RegisterGuest::parse(form, RegistrationId::from_uuid(Uuid::now_v7()))
    }
}

payload! {
    /// Registration, or the problem that stands in its way, in the order in which they are checked.
    RegisterGuestResult = Registration or RegisterGuestRefusal {
        MissingInput,
        WorkshopInvalid,
        GuestInvalid,
        CenterInvalid,
        TrackNotInWorkshop,
        AlreadyRegistered,
        RegistrationNotOpen,
        WaitlistNotOpen,
        CapacityExceeded,
        IdempotencyKeyReused,
    }
}

#[derive(Default)]
pub(super) struct RegisterGuestMutation;

#[Object]
impl RegisterGuestMutation {
    /// Registers a guest to a workshop, or with `waitlist: true` puts the guest in line. The answer comes when the registration is on disk: it survives a crash. `registrationEligibility`
    /// tells beforehand what the answer would be.
    async fn register_guest(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The workshop, `wks_…`.")] workshop_id: ID,
        #[graphql(desc = "Who, where and how.")] input: RegisterGuestInput,
    ) -> Result<RegisterGuestResult> {
        let caller = caller(ctx, input.idempotency_key.as_deref())?;
        let request = match input.parse(&workshop_id) {
            Ok(request) => request,
            Err(missing) => return Ok(RegisterGuestRefusal::from(missing).into()),
        };
        let store = ctx.data_unchecked::<Arc<Store>>();
        match store.register_guest(request, caller).await.map_err(Fault::from)? {
            // Whoever may register a guest sees the registration: what was decided need not be read again.
            Ok(RegisteredGuest { row: Some(row), .. }) => Ok(RegisterGuestResult::Registration(row.into())),
            Ok(RegisteredGuest { id, row: None }) => {
                Ok(RegisterGuestResult::Registration(Registration::load(ctx, id).await?))
            }
            Err(refusal) => Ok(refusal.into()),
        }
    }
}
