use axum::response::Response;
use domain::{GuestId, problems::GuestInvalid};
use persistence::RegistrationFilter;
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    api_request::{ApiError, ApiRequest, Operation, RequestInput},
    envelope::{Member, Nothing, RegistrationsRefused},
    parameters::{PageInfo, Window},
    registrations::{Found, cost, page},
    responses::{Registration, StatusCount},
};
use crate::graphql::{Failure, OperationLabel, lookup_cost};

const OPERATION: Operation =
    Operation { topic: OperationLabel { kind: "query", field: "guest" }, member: Member::Registrations };

/// Registrations of a guest.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct RegistrationsOfGuest {
    registrations: Vec<Registration>,
    page_info: PageInfo,
    /// How many there are in each state in the whole list, by the number of the state.
    status_count: Vec<StatusCount>,
    error: Nothing,
}

/// Tells the registrations of a guest
///
/// Past ones too, as far as the caller sees them, in the order in which they were made.
///
/// For admins, staff, partners with `registrations:read` or `registrations:write`, and guests about themselves. Problem:
/// 502 `Invalid guest_id.`
#[utoipa::path(
    get,
    path = "/v1/guests/{guest_id}/registrations",
    operation_id = "listRegistrationsOfGuest",
    tag = "registrations",
    params(
        ("guest_id" = String, Path, description = "The guest, `gst_…`.",
            example = json!("gst_01kdvdna00e008000008000034")),
        Window,
    ),
    responses(
        (status = 200, description = "A page of them, and what they come to.", body = RegistrationsOfGuest),
        (status = 400, description = "A problem stands in the way.", body = RegistrationsRefused),
    ),
)]
pub(super) async fn registrations(asked: ApiRequest) -> Response {
    let window = Window::read(&asked.question.parameters);
    // `guest(by: …)` around the list.
    let cost = lookup_cost(cost(Window::size_of(&window)));
    asked.answer(OPERATION, cost, |question| find(question, window)).await
}

async fn find(question: RequestInput, window: Result<Window, Failure>) -> Result<RegistrationsOfGuest, ApiError> {
    question.ensure_registrations_seen()?;
    let window = window?;
    let guest: Option<GuestId> = question.id("guest_id");
    let view = question.view();
    let known = view.guests(guest.as_slice()).await.map_err(Failure::from)?;
    if known.is_empty() {
        return Err(ApiError::problem("GuestInvalid", &GuestInvalid));
    }
    let filter = RegistrationFilter { guest, ..RegistrationFilter::default() };
    let Found { registrations, status_count, page_info } = page(&view, Ok(filter), window).await?;
    Ok(RegistrationsOfGuest { registrations, page_info, status_count, error: Nothing })
}
