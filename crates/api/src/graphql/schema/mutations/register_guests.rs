use std::sync::Arc;

use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};
use domain::{
    RegistrationId,
    commands::{
        register_guest::{RegisterGuest, RegistrationForm},
        register_guests::{RegisterGuests, RegisterGuestsRefusal},
    },
};
use futures_util::future::try_join_all;
use persistence::Store;
use uuid::Uuid;

use super::{caller, payload, register_guest::RegisterGuestResult};
use crate::graphql::{
    execution::{cost::each, fault::Fault},
    schema::{enums::same_enum, types::registration::Registration},
};

same_enum! {
    /// Whether one guest stands for all.
    RegisterGuestsMode = "domain::commands::register_guests::Mode" {
        /// Each guest is registered, or refused, alone.
        PerGuest,
        /// If one is refused nobody is registered.
        AllOrNothing,
    }
}

/// What it takes to register one of many guests; the fields are those of `RegisterGuestInput`.
#[derive(InputObject)]
struct RegisterGuestsEntry {
    /// Required: the track's number (int32).
    track_id: Option<i32>,
    /// Required: the guest to register.
    guest_id: Option<ID>,
    /// Required: the center where the guest registers.
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

/// What it takes to register many guests.
#[derive(InputObject)]
struct RegisterGuestsInput {
    /// The guests, at most 200. They are looked at in this order, each after those before it were registered.
    guests: Vec<RegisterGuestsEntry>,
    /// Whether one stands for all.
    #[graphql(default_with = "RegisterGuestsMode::PerGuest")]
    mode: RegisterGuestsMode,
    /// Makes a retry safe: the same key with the same input answers with the first success again, for 24 hours.
    idempotency_key: Option<String>,
}

/// Each guest was looked at.
#[derive(SimpleObject)]
pub(crate) struct RegisterGuestsSuccess {
    /// What became of each guest, in the order in which they were given.
    results: Vec<RegisterGuestResult>,
}

payload! {
    /// What became of each guest, or the problem that stands in the way of all.
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
    /// Registers up to 200 guests to a workshop in one transaction, by the rules of `registerGuest`: each alone, or all
    /// or none.
    #[graphql(complexity = "each(input.guests.len(), child_complexity)")]
    async fn register_guests(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The workshop, `wks_…`.")] workshop_id: ID,
        #[graphql(desc = "Who, where and how.")] input: RegisterGuestsInput,
    ) -> Result<RegisterGuestsResult> {
        let caller = caller(ctx, input.idempotency_key.as_deref())?;
        if let Err(too_many) = RegisterGuests::ensure_within_limit(input.guests.len()) {
            return Ok(RegisterGuestsRefusal::from(too_many).into());
        }
        let request = |entry: &RegisterGuestsEntry| {
            RegisterGuest::parse(entry.form(&workshop_id), RegistrationId::from_uuid(Uuid::now_v7()))
        };
        let requests = input.guests.iter().map(request).collect();
        let command = RegisterGuests { workshop: workshop_id.parse().ok(), mode: input.mode.into(), requests };
        let store = ctx.data_unchecked::<Arc<Store>>();
        let each = match store.register_guests(command, caller).await.map_err(Fault::from)? {
            Ok(each) => each,
            Err(refusal) => return Ok(refusal.into()),
        };
        let results = each.into_iter().map(async |outcome| match outcome {
            Ok(id) => Ok(RegisterGuestResult::Registration(Registration::load(ctx, id).await?)),
            Err(refusal) => Ok::<_, Fault>(refusal.into()),
        });
        Ok(RegisterGuestsSuccess { results: try_join_all(results).await? }.into())
    }
}
