use async_graphql::{Context, ID, InputObject, Object, Result};
use domain::{
    RegistrationId,
    commands::register_guest::{RegisterGuest, RegisterGuestRefusal, RegistrationForm},
    problems,
};
use persistence::RegisteredGuest;
use uuid::Uuid;

use super::{command_context, payload};
use crate::graphql::{
    execution::{context::store, fault::Fault},
    schema::types::registration::Registration,
};

/// The data of a registration.
#[derive(InputObject)]
pub(crate) struct RegisterGuestInput {
    /// Required: the track's number (int32). Omitted or null: MissingInput (1004).
    track_id: Option<i32>,
    /// Required: the guest to register. Omitted, null or blank: MissingInput (1004).
    guest_id: Option<ID>,
    /// Required: the center where the guest registers. Omitted, null or blank: MissingInput (1004).
    center_id: Option<ID>,
    /// true: add the guest to the waitlist instead of registering. false: register, never waitlist.
    #[graphql(default)]
    waitlist: bool,
    /// Makes a retry safe: the same key with the same input returns the first success again, for 24 hours. A
    /// refusal changes nothing and is not stored. The key has 1 to 255 visible ASCII characters, for example a UUID.
    idempotency_key: Option<String>,
}

impl RegisterGuestInput {
    /// Reads the command; fails if required input is missing.
    pub(in crate::graphql) fn parse(&self, workshop: &str) -> Result<RegisterGuest, problems::MissingInput> {
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
    /// The registration, or the first problem found. Problems are checked in the listed order, a reused idempotency key
    /// right after the input.
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
        ResultNotVisible,
    }
}

impl RegisterGuestResult {
    /// Loads a registration that a request has made.
    pub(super) async fn find(ctx: &Context<'_>, id: RegistrationId) -> Result<Self, Fault> {
        let found = Registration::find(ctx, id).await?;
        Ok(found.map_or_else(|| RegisterGuestRefusal::from(problems::ResultNotVisible).into(), Self::Registration))
    }
}

#[derive(Default)]
pub(super) struct RegisterGuestMutation;

#[Object]
impl RegisterGuestMutation {
    /// Registers a guest to a workshop, or adds the guest to the waitlist with `waitlist: true`. The server responds
    /// when the registration is on disk, so it survives a crash. `registrationEligibility` predicts the result.
    async fn register_guest(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The workshop, `wks_…`.")] workshop_id: ID,
        #[graphql(desc = "The registration to make.")] input: RegisterGuestInput,
    ) -> Result<RegisterGuestResult> {
        let context = command_context(ctx, input.idempotency_key.as_deref())?;
        let request = match input.parse(&workshop_id) {
            Ok(request) => request,
            Err(missing) => return Ok(RegisterGuestRefusal::from(missing).into()),
        };
        let store = store(ctx);
        match store.register_guest(request, context).await.map_err(Fault::from)? {
            // A caller who can register a guest can see the registration, so the row is not loaded again.
            Ok(RegisteredGuest { row: Some(row), .. }) => Ok(RegisterGuestResult::Registration(row.into())),
            Ok(RegisteredGuest { id, row: None }) => Ok(RegisterGuestResult::find(ctx, id).await?),
            Err(refusal) => Ok(refusal.into()),
        }
    }
}
