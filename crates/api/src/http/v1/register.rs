use axum::response::Response;
use domain::{
    RegistrationId,
    commands::register_guest::{RegisterGuest, RegisterGuestRefusal, RegistrationForm},
    problems::{MissingInput, RequiredInput},
};
use persistence::RegisteredGuest;
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    api_request::{ApiError, ApiRequest, Operation, RequestInput},
    envelope::{Member, RegistrationsRefused},
    headers::IdempotencyKey,
    responses::RegistrationAnswer,
};
use crate::{
    graphql::{Failure, OperationLabel},
    http::json,
};

const OPERATION: Operation =
    Operation { topic: OperationLabel { kind: "mutation", field: "registerGuest" }, member: Member::Registrations };
/// `registerGuest { ... on Registration { id status } ... on Problem { code message } }`
const COST: usize = 5;

/// Who is registered, where and how. Members that are not here are ignored.
#[derive(Debug, ToSchema)]
#[schema(example = json!({
    "track_id": 1,
    "guest_id": "gst_01kdvdna00e008000008000034",
    "center_id": "ctr_01kdvdna00e008000004000000",
    "waitlist": false
}))]
pub(super) struct NewRegistration {
    /// The track of the workshop.
    #[schema(value_type = i32)]
    track_id: Option<i32>,
    /// The guest to register, `gst_…`.
    #[schema(value_type = String)]
    guest_id: Option<String>,
    /// The center where the guest registers, `ctr_…`.
    #[schema(value_type = String)]
    center_id: Option<String>,
    /// true: add the guest to the waitlist instead of registering. false: register, never waitlist.
    #[schema(required = false, value_type = Option<bool>, default = false)]
    waitlist: bool,
}

impl NewRegistration {
    /// What is not there, or of another type, was not passed; what is no object passes nothing.
    fn read(body: &[u8]) -> Result<Self, MissingInput> {
        let nothing =
            || MissingInput { fields: vec![RequiredInput::Track, RequiredInput::Guest, RequiredInput::Center] };
        let Ok(Value::Object(mut members)) = json::read(body) else { return Err(nothing()) };
        let mut take = |name| members.remove(name).unwrap_or_default();
        Ok(Self {
            track_id: int32(&take("track_id")),
            guest_id: text(take("guest_id")),
            center_id: text(take("center_id")),
            waitlist: match take("waitlist") {
                Value::Bool(waitlist) => waitlist,
                Value::Null => false,
                _ => return Err(nothing()),
            },
        })
    }
}

/// A whole number of 32 bits. 7.0 is one: JSON has one kind of number.
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

/// Registers a guest to a workshop
///
/// With `waitlist: true` it puts the guest in line instead. The answer comes when the registration is on disk: it survives a
/// crash. Of several problems the first is told, in this order:
///
/// | code | sentence |
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
/// 2000, "The idempotency key was already used with a different input", is told right after 1004. A body that is absent, no
/// JSON, no object, has a member twice or one of another type is 1004.
///
/// For admins, staff, partners with `registrations:write`, and guests for themselves.
#[utoipa::path(
    post,
    path = "/v1/workshops/{workshop_id}/registrations",
    operation_id = "registerGuest",
    tag = "registrations",
    params(
        ("workshop_id" = String, Path, description = "The workshop, `wks_…`.",
            example = json!("wks_01kdvdna00e00800000c000000")),
        IdempotencyKey,
    ),
    request_body = NewRegistration,
    responses(
        (status = 200, description = "The guest is registered (0), or in line (4); after a retry, \
            the registration as it stands by then.", body = RegistrationAnswer),
        (status = 400, description = "A problem stands in the way.", body = RegistrationsRefused),
    ),
)]
pub(super) async fn register(asked: ApiRequest) -> Response {
    asked.answer(OPERATION, COST, settle).await
}

async fn settle(question: RequestInput) -> Result<RegistrationAnswer, ApiError> {
    let caller = question.command_context()?;
    let new = NewRegistration::read(&question.body).map_err(RegisterGuestRefusal::from)?;
    let form = RegistrationForm {
        workshop: question.text("workshop_id"),
        track: new.track_id,
        guest: new.guest_id.as_deref(),
        center: new.center_id.as_deref(),
        waitlist: new.waitlist,
    };
    let request = RegisterGuest::parse(form, RegistrationId::from_uuid(Uuid::now_v7()));
    let request = request.map_err(RegisterGuestRefusal::from)?;
    match question.store.register_guest(request, caller).await.map_err(Failure::from)?? {
        RegisteredGuest { row: Some(row), .. } => Ok((&row).into()),
        RegisteredGuest { id, row: None } => Ok((&question.registration(id).await?).into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_of_another_type_was_not_passed() {
        let new = NewRegistration::read(br#"{"track_id":"1","guest_id":7,"center_id":null,"more":[]}"#).unwrap();
        assert_eq!((new.track_id, new.guest_id, new.center_id, new.waitlist), (None, None, None, false));
        for broken in ["", "null", "[]", "{", "1", r#"{"waitlist":1}"#, r#"{"track_id":1,"track_id":1}"#, "\u{feff}{}"]
        {
            assert!(NewRegistration::read(broken.as_bytes()).is_err(), "{broken}");
        }
    }

    #[test]
    fn a_track_is_a_whole_number_of_32_bits() {
        let read = |text: &str| int32(&serde_json::from_str(text).unwrap());
        for (text, number) in [("7", 7), ("7.0", 7), ("7e0", 7), ("-1", -1), ("2147483647", i32::MAX)] {
            assert_eq!(read(text), Some(number), "{text}");
        }
        for wrong in ["7.5", "2147483648", "-2147483649", "1e300", "true", "\"7\"", "18446744073709551615"] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }
}
