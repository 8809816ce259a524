//! Changes to a registration: check-in, undo check-in and cancellation.

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
    envelope::{EnvelopeKey, PROBLEM, RegistrationsError},
    headers::IdempotencyKey,
    parameters::{RegistrationPath, WorkshopPath},
    responses::RegistrationResponse,
};
use crate::graphql::{Failure, OperationLabel, write_cost};

const fn operation(field: &'static str) -> Operation {
    Operation { label: OperationLabel { kind: "mutation", field }, key: EnvelopeKey::Registrations }
}

/// The cost of `checkInGuest { ... on Registration { id status } ... on Problem { code message } }`.
const CHECK_IN_COST: usize = write_cost(4);
/// The cost of `cancelRegistration { ... on CancelRegistrationSuccess { registration { id status } } ... on Problem {
/// code message } }`.
const CANCEL_COST: usize = write_cost(5);

/// Defines the operation that changes a registration by one command.
macro_rules! registration_mutation {
    (
        $(#[$doc:meta])*
        $name:ident at $path:literal is $operation:literal, $description:literal,
        $cost:expr => |$registration:ident| $command:expr
    ) => {
        $(#[$doc])*
        #[utoipa::path(
            put,
            path = $path,
            operation_id = $operation,
            tag = "registrations",
            params(WorkshopPath, RegistrationPath, IdempotencyKey),
            responses(
                (status = 200, description = $description, body = RegistrationResponse),
                (status = 400, description = PROBLEM, body = RegistrationsError),
            ),
        )]
        pub(super) async fn $name(request: ApiRequest) -> Response {
            request.respond(operation($operation), $cost, |input| change(input, |$registration| $command)).await
        }
    };
}

registration_mutation! {
    /// Checks in a guest
    ///
    /// A registration that is registered (0) or no-show (2) becomes signed in (3). Repeating the call has no further
    /// effect. The body is ignored. Problems: 1004 "The Registration Id passed is not valid", "The registration is
    /// canceled", "User is waitlisted in the class and cannot sign in" or "The user status is closed"; 2000 "The
    /// idempotency key was already used with a different input".
    ///
    /// Permitted for admins, staff and partners with `registrations:write`.
    sign_in at "/v1/workshops/{workshop_id}/registrations/{registration_id}/sign_in" is "checkInGuest",
    "The registration is signed in (3). After a retry: its current state.",
    CHECK_IN_COST => |registration| CheckInGuest { registration }
}

registration_mutation! {
    /// Reverts a check-in
    ///
    /// A registration that is signed in (3) becomes registered (0), or class cancelled (6) if the workshop was cancelled.
    /// The body is ignored. Problems: those of `sign_in`, and 2003 "The guest is not signed in".
    ///
    /// Permitted for admins, staff and partners with `registrations:write`.
    undo_sign_in at "/v1/workshops/{workshop_id}/registrations/{registration_id}/undo_sign_in" is "undoCheckIn",
    "The registration is registered (0) or class cancelled (6). After a retry: its current state.",
    CHECK_IN_COST => |registration| UndoCheckIn { registration }
}

registration_mutation! {
    /// Cancels a registration
    ///
    /// A registration that is registered (0) or waitlisted (4) becomes cancelled (1). In the same transaction, the seat
    /// goes to the first guest on the waitlist whose track has a free seat. Repeating the call has no further effect. The
    /// body is ignored.
    ///
    /// Problems:
    /// - 1004 "Invalid registration"
    /// - 1035 "Something went wrong. Message: The invoice for the registration is closed. Please reopen the invoice and try
    ///   again."
    /// - 2001 "The guest is signed in"
    /// - 2002 "The guest was marked as a no-show"
    /// - 2000 "The idempotency key was already used with a different input"
    ///
    /// Permitted for admins, staff, partners with `registrations:write`, and guests for themselves.
    cancel at "/v1/workshops/{workshop_id}/registrations/{registration_id}/cancel" is "cancelRegistration",
    "The registration is cancelled (1), or was released with its workshop (6).",
    CANCEL_COST => |registration| CancelRegistration { registration, reason: None }
}

async fn change<C: OnRegistration>(
    input: RequestInput,
    command: impl FnOnce(Option<RegistrationId>) -> C,
) -> Result<RegistrationResponse, ApiError> {
    let context = input.command_context()?;
    let (workshop, command) = (input.id("workshop_id"), command(input.id("registration_id")));
    let changed = input.store.change_registration_of(workshop, command, context).await.map_err(Failure::from)??;
    Ok((&input.registration(changed.registration).await?).into())
}
