use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};
use domain::{
    RegistrationId,
    commands::{
        register_guest::{RegisterGuest, RegistrationForm},
        register_guests::{RegisterGuests, RegisterGuestsRefusal},
    },
};
use futures_util::future::try_join_all;
use uuid::Uuid;

use super::{command_context, payload, register_guest::RegisterGuestResult};
use crate::graphql::{
    execution::{context::store, cost::write_list_cost, counted::Counted, fault::Fault},
    schema::enums::same_enum,
};

same_enum! {
    /// How the guests of one request depend on each other.
    RegisterGuestsMode = "domain::commands::register_guests::Mode" {
        /// Each guest is registered or refused separately.
        PerGuest,
        /// If one guest is refused, none is registered.
        AllOrNothing,
    }
}

/// The data of one registration among many. The fields are those of `RegisterGuestInput`.
#[derive(InputObject)]
struct RegisterGuestsEntry {
    /// Required: the track's number (int32). Omitted or null: MissingInput (1004).
    track_id: Option<i32>,
    /// Required: the guest to register. Omitted, null or blank: MissingInput (1004).
    guest_id: Option<ID>,
    /// Required: the center where the guest registers. Omitted, null or blank: MissingInput (1004).
    center_id: Option<ID>,
    /// true: add the guest to the waitlist instead of registering. false: register, never waitlist.
    #[graphql(default)]
    waitlist: bool,
}

impl RegisterGuestsEntry {
    fn form<'a>(&'a self, workshop: &'a str) -> RegistrationForm<'a> {
        RegistrationForm {
            workshop,
            track: self.track_id,
            guest: self.guest_id.as_deref().map(String::as_str),
            center: self.center_id.as_deref().map(String::as_str),
            waitlist: self.waitlist,
        }
    }
}

/// The data of many registrations.
#[derive(InputObject)]
struct RegisterGuestsInput {
    /// The guests, at most 200. They are registered in this order.
    guests: Vec<RegisterGuestsEntry>,
    /// How the guests depend on each other.
    #[graphql(default_with = "RegisterGuestsMode::PerGuest")]
    mode: RegisterGuestsMode,
    /// Makes a retry safe: the same key with the same input returns the first success again, for 24 hours.
    idempotency_key: Option<String>,
}

/// The request was carried out.
#[derive(SimpleObject)]
pub(crate) struct RegisterGuestsSuccess {
    /// The result for each guest, in the order of the request.
    results: Vec<Counted<RegisterGuestResult>>,
}

payload! {
    /// The outcome of each guest, or the problem that rejected the whole request.
    RegisterGuestsResult = RegisterGuestsSuccess or RegisterGuestsRefusal {
        TooManyRegistrations,
        RegistrationsRefused,
        IdempotencyKeyReused,
    }
}

#[derive(Default)]
pub(super) struct RegisterGuestsMutation;

#[Object]
impl RegisterGuestsMutation {
    /// Registers up to 200 guests to a workshop in one transaction, by the rules of `registerGuest`: each separately,
    /// or all or none.
    #[graphql(complexity = "write_list_cost(input.guests.len(), child_complexity)")]
    async fn register_guests(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The workshop, `wks_…`.")] workshop_id: ID,
        #[graphql(desc = "The registrations to make.")] input: RegisterGuestsInput,
    ) -> Result<RegisterGuestsResult> {
        let context = command_context(ctx, input.idempotency_key.as_deref())?;
        if let Err(too_many) = RegisterGuests::ensure_within_limit(input.guests.len()) {
            return Ok(RegisterGuestsRefusal::from(too_many).into());
        }
        let request = |entry: &RegisterGuestsEntry| {
            RegisterGuest::parse(entry.form(&workshop_id), RegistrationId::from_uuid(Uuid::now_v7()))
        };
        let requests = input.guests.iter().map(request).collect();
        let command = RegisterGuests { workshop: workshop_id.parse().ok(), mode: input.mode.into(), requests };
        let store = store(ctx);
        let outcomes = match store.register_guests(command, context).await.map_err(Fault::from)? {
            Ok(outcomes) => outcomes,
            Err(refusal) => return Ok(refusal.into()),
        };
        let results = outcomes.into_iter().map(async |outcome| match outcome {
            Ok(id) => RegisterGuestResult::find(ctx, id).await.map(Counted),
            Err(refusal) => Ok(Counted(refusal.into())),
        });
        Ok(RegisterGuestsSuccess { results: try_join_all(results).await? }.into())
    }
}
