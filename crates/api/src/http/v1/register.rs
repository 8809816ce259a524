//! The registration of a guest.

use axum::response::Response;
use domain::{
    RegistrationId,
    commands::register_guest::{RegisterGuest, RegisterGuestRefusal, RegistrationForm},
    problems::{MissingInput, RequiredInput, ResultNotVisible},
};
use persistence::RegisteredGuest;
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    api_request::{ApiError, ApiRequest, Operation, RequestInput},
    envelope::{EnvelopeKey, PROBLEM, RegistrationsError},
    headers::IdempotencyKey,
    parameters::WorkshopPath,
    responses::RegistrationResponse,
};
use crate::{
    graphql::{Failure, OperationLabel, write_cost},
    http::json,
};

const OPERATION: Operation =
    Operation { label: OperationLabel { kind: "mutation", field: "registerGuest" }, key: EnvelopeKey::Registrations };
/// The cost of `registerGuest { ... on Registration { id status } ... on Problem { code message } }`.
const COST: usize = write_cost(4);

/// The registration to create. Unknown members are ignored.
#[derive(Debug, ToSchema)]
#[schema(example = json!({
    "track_id": 1,
    "guest_id": "gst_01kdvdna00e008000008000034",
    "center_id": "ctr_01kdvdna00e008000004000000",
    "waitlist": false
}))]
pub(super) struct NewRegistration {
    /// The number of the track.
    #[schema(value_type = i32)]
    track_id: Option<i32>,
    /// The id of the guest, `gst_…`.
    #[schema(value_type = String)]
    guest_id: Option<String>,
    /// The id of the center where the guest registers, `ctr_…`.
    #[schema(value_type = String)]
    center_id: Option<String>,
    /// Whether the guest joins the waitlist instead. If false, the guest gets a seat or the request fails.
    #[schema(required = false, value_type = Option<bool>, default = false)]
    waitlist: bool,
}

impl NewRegistration {
    /// Parses the body. A member of the wrong type counts as missing. A body that is not an object has no members.
    fn parse(body: &[u8]) -> Result<Self, MissingInput> {
        let all_missing =
            || MissingInput { fields: vec![RequiredInput::Track, RequiredInput::Guest, RequiredInput::Center] };
        let Ok(Value::Object(mut members)) = json::parse(body) else { return Err(all_missing()) };
        let mut take = |name| members.remove(name).unwrap_or_default();
        Ok(Self {
            track_id: int32(&take("track_id")),
            guest_id: text(take("guest_id")),
            center_id: text(take("center_id")),
            waitlist: match take("waitlist") {
                Value::Bool(waitlist) => waitlist,
                Value::Null => false,
                _ => return Err(all_missing()),
            },
        })
    }
}

/// A 32-bit integer. 7.0 is an integer, because JSON does not distinguish integers from other numbers.
fn int32(value: &Value) -> Option<i32> {
    let whole = || value.as_f64().filter(|number| number.fract() == 0.0);
    let number = value.as_i64().or_else(|| whole().and_then(|number| format!("{number:.0}").parse().ok()))?;
    number.try_into().ok()
}

fn text(value: Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text),
        _ => None,
    }
}

/// Registers a guest for a workshop
///
/// With `waitlist: true` the guest joins the waitlist instead. The server responds when the registration is stored durably.
/// If several problems apply, the first in this table is returned:
///
/// | code | message |
/// |---|---|
/// | 1004 | SessionId/Workshop Details/user id/ center id were not passed. Please check the input params. |
/// | 1001 | Workshop is invalid |
/// | 502 | `Invalid guest_id.` |
/// | 502 | `Invalid center_id.` |
/// | 502 | The track passed is not associated with the passed workshop |
/// | 1010 | Guest is already enrolled to the workshop or is on the waiting list |
/// | 1009 | Workshop is not open for registrations, cannot add guest to waitlist |
/// | 1009 | Workshop is not open for registrations, cannot register to class |
/// | 1011 | Workshop capacity exceeded, cannot register to Workshop |
///
/// 2000 "The idempotency key was already used with a different input" comes directly after 1004. 2014 "The request
/// succeeded, but its result is no longer visible to the caller" is only returned after a retry. 1004 also covers a body
/// that is absent, not JSON or not an object, and one with a duplicate member or a member of the wrong type.
///
/// Permitted for admins, staff, partners with `registrations:write`, and guests for themselves.
#[utoipa::path(
    post,
    path = "/v1/workshops/{workshop_id}/registrations",
    operation_id = "registerGuest",
    tag = "registrations",
    params(WorkshopPath, IdempotencyKey),
    request_body = NewRegistration,
    responses(
        (status = 200, description = "The guest is registered (0) or waitlisted (4). After a retry: the current state of the \
            registration.", body = RegistrationResponse),
        (status = 400, description = PROBLEM, body = RegistrationsError),
    ),
)]
pub(super) async fn register(request: ApiRequest) -> Response {
    request.respond(OPERATION, COST, create).await
}

async fn create(input: RequestInput) -> Result<RegistrationResponse, ApiError> {
    let context = input.command_context()?;
    let new = NewRegistration::parse(&input.body.bytes).map_err(RegisterGuestRefusal::from)?;
    let form = RegistrationForm {
        workshop: input.text("workshop_id"),
        track: new.track_id,
        guest: new.guest_id.as_deref(),
        center: new.center_id.as_deref(),
        waitlist: new.waitlist,
    };
    let command = RegisterGuest::parse(form, RegistrationId::from_uuid(Uuid::now_v7()));
    let command = command.map_err(RegisterGuestRefusal::from)?;
    match input.store.register_guest(command, context).await.map_err(Failure::from)?? {
        RegisteredGuest { row: Some(row), .. } => Ok((&row).into()),
        RegisteredGuest { id, row: None } => {
            match input.view().registrations(&[id]).await.map_err(Failure::from)?.pop() {
                Some(row) => Ok((&row).into()),
                None => Err(RegisterGuestRefusal::from(ResultNotVisible).into()),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_of_the_wrong_type_counts_as_missing() {
        let new = NewRegistration::parse(br#"{"track_id":"1","guest_id":7,"center_id":null,"more":[]}"#).unwrap();
        assert_eq!((new.track_id, new.guest_id, new.center_id, new.waitlist), (None, None, None, false));
        for broken in ["", "null", "[]", "{", "1", r#"{"waitlist":1}"#, r#"{"track_id":1,"track_id":1}"#, "\u{feff}{}"]
        {
            assert!(NewRegistration::parse(broken.as_bytes()).is_err(), "{broken}");
        }
    }

    #[test]
    fn a_track_is_a_32_bit_integer() {
        let parse = |text: &str| int32(&serde_json::from_str(text).unwrap());
        for (text, number) in [("7", 7), ("7.0", 7), ("7e0", 7), ("-1", -1), ("2147483647", i32::MAX)] {
            assert_eq!(parse(text), Some(number), "{text}");
        }
        for wrong in ["7.5", "2147483648", "-2147483649", "1e300", "true", "\"7\"", "18446744073709551615"] {
            assert_eq!(parse(wrong), None, "{wrong}");
        }
    }
}
