//! The calls that read workshops.

use axum::response::Response;
use domain::CenterId;
use persistence::{Direction, Ordering, WorkshopFilter, WorkshopOrder};
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

use super::{
    api_request::{ApiError, ApiRequest, Operation, RequestInput},
    envelope::{EnvelopeKey, Null, PROBLEM, WorkshopsError},
    parameters::{PageInfo, PageParameters, UnknownId, WorkshopPath, id_filter},
    registrations,
    workshop::{Workshop, load, selection_cost},
};
use crate::graphql::{Failure, OperationLabel, aggregate_cost, dangling_reference, list_cost, lookup_cost};

const fn operation(field: &'static str) -> Operation {
    Operation { label: OperationLabel { kind: "query", field }, key: EnvelopeKey::Workshops }
}

const BY_START: Ordering<WorkshopOrder> = Ordering { by: WorkshopOrder::StartsAt, direction: Direction::Ascending };

/// A workshop.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct WorkshopResponse {
    workshops: Workshop,
    error: Null,
}

/// A page of workshops.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct WorkshopsResponse {
    workshops: Vec<Workshop>,
    page_info: PageInfo,
    error: Null,
}

/// The filters of a list of workshops.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "a description; `id_filter` reads the parameters")]
pub(super) struct WorkshopFilters {
    /// Only workshops of the center with this id, `ctr_…`. An unknown id matches nothing; a blank value is ignored.
    #[param(value_type = String, required = false)]
    center_id: Option<String>,
}

/// Lists the workshops
///
/// The list contains published workshops and the drafts that the caller can see, past ones included, ordered by the start
/// of the first session.
///
/// Permitted for all callers. A credential is required only if the operator has turned anonymous access off.
#[utoipa::path(
    get,
    path = "/v1/workshops",
    operation_id = "listWorkshops",
    tag = "workshops",
    params(WorkshopFilters, PageParameters),
    responses((status = 200, description = "A page of workshops.", body = WorkshopsResponse)),
)]
pub(super) async fn list(request: ApiRequest) -> Response {
    let page = PageParameters::parse(&request.input.parameters);
    // `workshops(first: …) { nodes { … } totalCount }`
    let cost = list_cost(PageParameters::charged_size(&page), 1 + selection_cost() + aggregate_cost(1));
    request.respond(operation("workshops"), cost, |input| find(input, page)).await
}

async fn find(input: RequestInput, parameters: Result<PageParameters, Failure>) -> Result<WorkshopsResponse, ApiError> {
    let parameters = parameters?;
    let view = input.view();
    let (rows, total) = match id_filter::<CenterId>(&input.parameters, "center_id")? {
        Ok(center) => {
            let filter = WorkshopFilter { center, ..WorkshopFilter::default() };
            let page = parameters.offset_page();
            let rows = view.list_by_offset(&filter, BY_START, page).await.map_err(Failure::from)?;
            (rows, view.count(&filter).await.map_err(Failure::from)?)
        }
        Err(UnknownId) => (Vec::new(), 0),
    };
    let page_info = parameters.page_info(total);
    Ok(WorkshopsResponse { workshops: load(&view, rows, &input.meter).await?, page_info, error: Null })
}

/// Returns a workshop
///
/// Permitted for all callers. A credential is required only if the operator has turned anonymous access off. Problem: 1001
/// "Workshop is invalid", also for a draft that the caller cannot see.
#[utoipa::path(
    get,
    path = "/v1/workshops/{workshop_id}",
    operation_id = "getWorkshop",
    tag = "workshops",
    params(WorkshopPath),
    responses(
        (status = 200, description = "The workshop.", body = WorkshopResponse),
        (status = 400, description = PROBLEM, body = WorkshopsError),
    ),
)]
pub(super) async fn get(request: ApiRequest) -> Response {
    request.respond(operation("workshop"), lookup_cost(selection_cost()), find_one).await
}

async fn find_one(input: RequestInput) -> Result<WorkshopResponse, ApiError> {
    let view = input.view();
    let row = registrations::workshop(&view, input.id("workshop_id")).await?;
    let workshop = load(&view, vec![row], &input.meter).await?.into_iter().next();
    let workshops = workshop.ok_or_else(|| dangling_reference("workshop"))?;
    Ok(WorkshopResponse { workshops, error: Null })
}
