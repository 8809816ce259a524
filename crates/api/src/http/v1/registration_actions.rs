//! The steps in the life of a registration.

use axum::response::Response;
use domain::{
    RegistrationId,
    commands::{
        OnRegistration, cancel_registration::CancelRegistration, check_in_guest::CheckInGuest,
        undo_check_in::UndoCheckIn,
    },
};

use super::{
    api_request::{ApiError, ApiRequest, Operation, RequestInput},
    envelope::{Member, RegistrationsRefused},
    headers::IdempotencyKey,
    responses::RegistrationAnswer,
};
use crate::graphql::{Failure, OperationLabel};

const fn operation(field: &'static str) -> Operation {
    Operation { topic: OperationLabel { kind: "mutation", field }, member: Member::Registrations }
}

/// `checkInGuest { ... on Registration { id status } ... on Problem { code message } }`
const COST: usize = 5;
/// `cancelRegistration { ... on CancelRegistrationSuccess { registration { id status } } ... on Problem { code message } }`
const COST_OF_CANCELLING: usize = 6;

/// Writes the call that is one step.
macro_rules! registration_mutation {
    (
        $(#[$doc:meta])*
        $name:ident at $path:literal is $operation:literal, $told:literal,
        $cost:expr => |$registration:ident| $command:expr
    ) => {
        $(#[$doc])*
        #[utoipa::path(
            put,
            path = $path,
            operation_id = $operation,
            tag = "registrations",
            params(
                ("workshop_id" = String, Path, description = "The workshop, `wks_…`.",
                    example = json!("wks_01kdvdna00e00800000c000000")),
                ("registration_id" = String, Path, description = "A registration to this workshop, `reg_…`.",
                    example = json!("reg_01m86shx60emvr4w0ammz96aqw")),
                IdempotencyKey,
            ),
            responses(
                (status = 200, description = $told, body = RegistrationAnswer),
                (status = 400, description = "A problem stands in the way.", body = RegistrationsRefused),
            ),
        )]
        pub(super) async fn $name(asked: ApiRequest) -> Response {
            asked.answer(operation($operation), $cost, |question| settle(question, |$registration| $command)).await
        }
    };
}

registration_mutation! {
    /// Notes that a guest has come
    ///
    /// Registered (0) or no-show (2) becomes signed in (3). Doing it twice is the same as doing it once. A body is not
    /// looked at. Problems: 1004 "The Registration Id passed is not valid", "The registration is canceled", "User is
    /// waitlisted in the class and cannot sign in" or "The user status is closed"; 2000 "The idempotency key was already
    /// used with a different input".
    ///
    /// For admins, staff and partners with `registrations:write`.
    sign_in at "/v1/workshops/{workshop_id}/registrations/{registration_id}/sign_in" is "checkInGuest",
    "The guest is signed in (3); after a retry, as it stands by then.", COST => |registration| CheckInGuest { registration }
}

registration_mutation! {
    /// Takes a check-in back
    ///
    /// Signed in (3) becomes registered (0), or class cancelled (6) at a workshop that was cancelled. A body is not looked
    /// at. Problems: those of `sign_in`, and 2003 "The guest is not signed in".
    ///
    /// For admins, staff and partners with `registrations:write`.
    undo_sign_in at "/v1/workshops/{workshop_id}/registrations/{registration_id}/undo_sign_in" is "undoCheckIn",
    "The guest is not signed in any more (0 or 6); after a retry, as it stands by then.", COST => |registration| UndoCheckIn { registration }
}

registration_mutation! {
    /// Gives up a seat, or a place in line
    ///
    /// Registered (0) or waitlisted (4) becomes cancelled (1). A seat goes to the first in line whose track has room, in the
    /// same transaction. Cancelling twice is the same as cancelling once. A body is not looked at. Problems: 1004 "Invalid
    /// registration"; 1035 "Something went wrong. Message: The invoice for the registration is closed. Please reopen the
    /// invoice and try again."; 2001 "The guest is signed in"; 2002 "The guest was marked as a no-show"; 2000 "The
    /// idempotency key was already used with a different input".
    ///
    /// For admins, staff, partners with `registrations:write`, and guests for themselves.
    cancel at "/v1/workshops/{workshop_id}/registrations/{registration_id}/cancel" is "cancelRegistration",
    "The registration is cancelled (1), or was released with its workshop (6).",
    COST_OF_CANCELLING => |registration| CancelRegistration { registration, reason: None }
}

async fn settle<C: OnRegistration>(
    question: RequestInput,
    command: impl FnOnce(Option<RegistrationId>) -> C,
) -> Result<RegistrationAnswer, ApiError> {
    let caller = question.command_context()?;
    let (workshop, command) = (question.id("workshop_id"), command(question.id("registration_id")));
    let settled = question.store.change_registration_of(workshop, command, caller).await.map_err(Failure::from)??;
    Ok((&question.registration(settled.registration).await?).into())
}
