//! The registrations of a guest.

use axum::response::Response;
use domain::{GuestId, problems::GuestInvalid};
use persistence::RegistrationFilter;
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    api_request::{ApiError, ApiRequest, Operation, RequestInput},
    envelope::{EnvelopeKey, Null, PROBLEM, RegistrationsError},
    parameters::{GuestPath, PageInfo, PageParameters},
    registrations::{RegistrationPage, cost, page},
    responses::{Registration, StatusCount},
};
use crate::graphql::{Failure, OperationLabel, lookup_cost};

const OPERATION: Operation =
    Operation { label: OperationLabel { kind: "query", field: "guest" }, key: EnvelopeKey::Registrations };

/// A page of the registrations of a guest.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct RegistrationsOfGuest {
    registrations: Vec<Registration>,
    page_info: PageInfo,
    /// The number of registrations in each state in the whole list, ordered by the number of the state.
    status_count: Vec<StatusCount>,
    error: Null,
}

/// Lists the registrations of a guest
///
/// The list contains all registrations that the caller can see, past ones included, in the order in which they were
/// created.
///
/// Permitted for admins, staff, partners with `registrations:read` or `registrations:write`, and guests for themselves.
/// Problem: 502 `Invalid guest_id.` for an unknown guest.
#[utoipa::path(
    get,
    path = "/v1/guests/{guest_id}/registrations",
    operation_id = "listRegistrationsOfGuest",
    tag = "registrations",
    params(GuestPath, PageParameters),
    responses(
        (status = 200, description = "A page of registrations, with the totals of the list.", body = RegistrationsOfGuest),
        (status = 400, description = PROBLEM, body = RegistrationsError),
    ),
)]
pub(super) async fn registrations(request: ApiRequest) -> Response {
    let page = PageParameters::parse(&request.input.parameters);
    // The field `guest(by: …)` around the list.
    let cost = lookup_cost(cost(PageParameters::charged_size(&page)));
    request.respond(OPERATION, cost, |input| find(input, page)).await
}

async fn find(
    input: RequestInput,
    parameters: Result<PageParameters, Failure>,
) -> Result<RegistrationsOfGuest, ApiError> {
    input.ensure_sees_registrations()?;
    let parameters = parameters?;
    let guest: Option<GuestId> = input.id("guest_id");
    let view = input.view();
    let guests = view.guests(guest.as_slice()).await.map_err(Failure::from)?;
    if guests.is_empty() {
        return Err(ApiError::problem("GuestInvalid", &GuestInvalid));
    }
    let filter = RegistrationFilter { guest, ..RegistrationFilter::default() };
    let RegistrationPage { registrations, status_count, page_info } = page(&view, Ok(filter), parameters).await?;
    Ok(RegistrationsOfGuest { registrations, page_info, status_count, error: Null })
}
