use axum::response::Response;
use domain::{CenterId, SessionId, WorkshopId, problems::WorkshopInvalid};
use persistence::{Direction, Ordering, RegistrationFilter, RegistrationOrder, StatusCounts, View, WorkshopRow};
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

use super::{
    api_request::{ApiError, ApiRequest, Operation, RequestInput},
    envelope::{Member, Nothing, RegistrationsRefused},
    parameters::{FindsNothing, PageInfo, Window, narrowed},
    responses::{Occupancy, Registration, StatusCount},
};
use crate::graphql::{Failure, Fault, OperationLabel, aggregate_cost, list_cost, lookup_cost};

const OPERATION: Operation =
    Operation { topic: OperationLabel { kind: "query", field: "registrations" }, member: Member::Registrations };
const AS_MADE: Ordering<RegistrationOrder> =
    Ordering { by: RegistrationOrder::RegisteredAt, direction: Direction::Ascending };

/// Registrations to a workshop.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct RegistrationsOfWorkshop {
    registrations: Vec<Registration>,
    page_info: PageInfo,
    /// How many there are in each state in the whole list, by the number of the state.
    status_count: Vec<StatusCount>,
    occupancy: Occupancy,
    error: Nothing,
}

/// What a list of registrations can be narrowed to.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "it describes what is read where it is used")]
pub(super) struct Narrowing {
    /// Only those that were made at this center, `ctr_…`. An id that names nothing finds nothing; a blank one is none.
    #[param(value_type = String, required = false)]
    center_id: Option<String>,
    /// Only those to the track that has this session, `ses_…`. An id that names nothing finds nothing; a blank one is
    /// none.
    #[param(value_type = String, required = false)]
    session_id: Option<String>,
}

/// Tells the registrations to a workshop
///
/// Past ones too, as far as the caller sees them, in the order in which they were made.
///
/// For admins, staff, partners with `registrations:read` or `registrations:write`, and guests, who see their own. Problem:
/// 1001 "Workshop is invalid".
#[utoipa::path(
    get,
    path = "/v1/workshops/{workshop_id}/registrations",
    operation_id = "listRegistrations",
    tag = "registrations",
    params(
        ("workshop_id" = String, Path, description = "The workshop, `wks_…`.",
            example = json!("wks_01kdvdna00e00800000c000000")),
        Narrowing,
        Window,
    ),
    responses(
        (status = 200, description = "A page of them, and what they come to.", body = RegistrationsOfWorkshop),
        (status = 400, description = "A problem stands in the way.", body = RegistrationsRefused),
    ),
)]
pub(super) async fn list(asked: ApiRequest) -> Response {
    let window = Window::read(&asked.question.parameters);
    // `workshop { capacity seatsTaken seatsAvailable waitlistLength }` beside the list.
    let cost = lookup_cost(4 + cost(Window::size_of(&window)));
    asked.answer(OPERATION, cost, |question| find(question, window)).await
}

async fn find(question: RequestInput, window: Result<Window, Failure>) -> Result<RegistrationsOfWorkshop, ApiError> {
    question.ensure_registrations_seen()?;
    let window = window?;
    let center = narrowed::<CenterId>(&question.parameters, "center_id")?;
    let session = narrowed::<SessionId>(&question.parameters, "session_id")?;
    let view = question.view();
    let workshop = workshop(&view, question.id("workshop_id")).await?;
    let filter = match (center, session) {
        (Ok(center), Ok(session)) => Ok(RegistrationFilter {
            workshop: Some(WorkshopId::from_uuid(workshop.id)),
            center,
            session,
            ..RegistrationFilter::default()
        }),
        (Err(nothing), _) | (_, Err(nothing)) => Err(nothing),
    };
    let Found { registrations, status_count, page_info } = page(&view, filter, window).await?;
    let occupancy = Occupancy::of(&workshop)?;
    Ok(RegistrationsOfWorkshop { registrations, page_info, status_count, occupancy, error: Nothing })
}

/// What a list of registrations costs with its totals:
/// `registrations(first: …) { nodes { id status workshop { id } track { trackId } guest { id } center { id } fromWaitlist
/// registeredAt checkedInAt cancelledAt } totalCount statusCounts { status count } }`
pub(super) fn cost(size: usize) -> usize {
    let row = 6 + 4 * lookup_cost(1);
    let totals = aggregate_cost(1) + aggregate_cost(2);
    list_cost(size, 1 + row + totals)
}

/// A page of registrations, and what the whole list comes to.
pub(super) struct Found {
    pub(super) registrations: Vec<Registration>,
    pub(super) status_count: Vec<StatusCount>,
    pub(super) page_info: PageInfo,
}

/// A page of those that the caller sees.
pub(super) async fn page(
    view: &View,
    filter: Result<RegistrationFilter, FindsNothing>,
    window: Window,
) -> Result<Found, Failure> {
    let (rows, counts) = match filter {
        Ok(filter) => {
            let rows = view.list_by_offset(&filter, AS_MADE, window.stretch()).await?;
            (rows, view.status_counts(&filter).await?)
        }
        Err(FindsNothing) => (Vec::new(), StatusCounts::new()),
    };
    let status_count = StatusCount::of(counts);
    let page_info = window.info(StatusCount::total(&status_count));
    Ok(Found { registrations: rows.into_iter().map(Registration::from).collect(), status_count, page_info })
}

/// The workshop that is asked about, if the caller sees one.
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
