//! The registrations for a workshop.

use axum::response::Response;
use domain::{CenterId, SessionId, WorkshopId, problems::WorkshopInvalid};
use persistence::{Direction, Ordering, RegistrationFilter, RegistrationOrder, StatusCounts, View, WorkshopRow};
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

use super::{
    api_request::{ApiError, ApiRequest, Operation, RequestInput},
    envelope::{EnvelopeKey, Null, PROBLEM, RegistrationsError},
    parameters::{PageInfo, PageParameters, UnknownId, WorkshopPath, id_filter},
    responses::{Occupancy, Registration, StatusCount},
};
use crate::graphql::{Failure, Fault, OperationLabel, aggregate_cost, list_cost, lookup_cost};

const OPERATION: Operation =
    Operation { label: OperationLabel { kind: "query", field: "registrations" }, key: EnvelopeKey::Registrations };
const BY_REGISTRATION: Ordering<RegistrationOrder> =
    Ordering { by: RegistrationOrder::RegisteredAt, direction: Direction::Ascending };

/// A page of the registrations for a workshop.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct RegistrationsOfWorkshop {
    registrations: Vec<Registration>,
    page_info: PageInfo,
    /// The number of registrations in each state in the whole list, ordered by the number of the state.
    status_count: Vec<StatusCount>,
    occupancy: Occupancy,
    error: Null,
}

/// The filters of a list of registrations.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "a description; `id_filter` reads the parameters")]
pub(super) struct RegistrationFilters {
    /// Only registrations made at the center with this id, `ctr_…`. An unknown id matches nothing; a blank value is
    /// ignored.
    #[param(value_type = String, required = false)]
    center_id: Option<String>,
    /// Only registrations for the track of the session with this id, `ses_…`. An unknown id matches nothing; a blank value
    /// is ignored.
    #[param(value_type = String, required = false)]
    session_id: Option<String>,
}

/// Lists the registrations for a workshop
///
/// The list contains all registrations that the caller can see, past ones included, in the order in which they were
/// created.
///
/// Permitted for admins, staff, partners with `registrations:read` or `registrations:write`, and guests, who see their own.
/// Problem: 1001 "Workshop is invalid".
#[utoipa::path(
    get,
    path = "/v1/workshops/{workshop_id}/registrations",
    operation_id = "listRegistrations",
    tag = "registrations",
    params(WorkshopPath, RegistrationFilters, PageParameters),
    responses(
        (status = 200, description = "A page of registrations, with the totals of the list and the seats of the workshop.",
            body = RegistrationsOfWorkshop),
        (status = 400, description = PROBLEM, body = RegistrationsError),
    ),
)]
pub(super) async fn list(request: ApiRequest) -> Response {
    let page = PageParameters::parse(&request.input.parameters);
    // `workshop { capacity seatsTaken seatsAvailable waitlistLength }` beside the list.
    let cost = lookup_cost(4 + cost(PageParameters::charged_size(&page)));
    request.respond(OPERATION, cost, |input| find(input, page)).await
}

async fn find(
    input: RequestInput,
    parameters: Result<PageParameters, Failure>,
) -> Result<RegistrationsOfWorkshop, ApiError> {
    input.ensure_sees_registrations()?;
    let parameters = parameters?;
    let center = id_filter::<CenterId>(&input.parameters, "center_id")?;
    let session = id_filter::<SessionId>(&input.parameters, "session_id")?;
    let view = input.view();
    let workshop = workshop(&view, input.id("workshop_id")).await?;
    let filter = match (center, session) {
        (Ok(center), Ok(session)) => Ok(RegistrationFilter {
            workshop: Some(WorkshopId::from_uuid(workshop.id)),
            center,
            session,
            ..RegistrationFilter::default()
        }),
        (Err(unknown), _) | (_, Err(unknown)) => Err(unknown),
    };
    let RegistrationPage { registrations, status_count, page_info } = page(&view, filter, parameters).await?;
    let occupancy = Occupancy::of(&workshop)?;
    Ok(RegistrationsOfWorkshop { registrations, page_info, status_count, occupancy, error: Null })
}

/// The cost of a list of registrations with its totals:
/// `registrations(first: …) { nodes { id status workshop { id } track { trackId } guest { id } center { id } fromWaitlist
/// registeredAt checkedInAt cancelledAt } totalCount statusCounts { status count } }`.
pub(super) fn cost(size: usize) -> usize {
    let row = 6 + 4 * lookup_cost(1);
    let totals = aggregate_cost(1) + aggregate_cost(2);
    list_cost(size, 1 + row + totals)
}

/// A page of registrations, with the totals of the whole list.
pub(super) struct RegistrationPage {
    pub(super) registrations: Vec<Registration>,
    pub(super) status_count: Vec<StatusCount>,
    pub(super) page_info: PageInfo,
}

/// A page of the registrations that the caller can see.
pub(super) async fn page(
    view: &View,
    filter: Result<RegistrationFilter, UnknownId>,
    parameters: PageParameters,
) -> Result<RegistrationPage, Failure> {
    let (rows, counts) = match filter {
        Ok(filter) => {
            let rows = view.list_by_offset(&filter, BY_REGISTRATION, parameters.offset_page()).await?;
            (rows, view.status_counts(&filter).await?)
        }
        Err(UnknownId) => (Vec::new(), StatusCounts::new()),
    };
    let status_count = StatusCount::list(counts);
    let page_info = parameters.page_info(StatusCount::total(&status_count));
    Ok(RegistrationPage { registrations: rows.into_iter().map(Registration::from).collect(), status_count, page_info })
}

/// The workshop with this id, if the caller can see it.
pub(super) async fn workshop(view: &View, id: Option<WorkshopId>) -> Result<WorkshopRow, ApiError> {
    let rows = view.workshops(id.as_slice()).await.map_err(Failure::from)?;
    rows.into_iter().next().ok_or_else(|| ApiError::problem("WorkshopInvalid", &WorkshopInvalid))
}

impl Occupancy {
    /// The seats of a workshop.
    fn of(row: &WorkshopRow) -> Result<Self, Fault> {
        Ok(Self {
            capacity: row.capacity,
            seats_taken: row.seats_taken,
            seats_available: row.snapshot()?.seats.available(),
            waitlist_length: row.waitlist_length,
        })
    }
}
