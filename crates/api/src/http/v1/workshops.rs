//! What there is to register to.

use axum::response::Response;
use domain::CenterId;
use persistence::{Direction, Ordering, WorkshopFilter, WorkshopOrder};
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

use super::{
    api_request::{ApiError, ApiRequest, Operation, RequestInput},
    envelope::{Member, Nothing, WorkshopsRefused},
    parameters::{FindsNothing, PageInfo, Window, narrowed},
    registrations,
    workshop::{Workshop, described, selected},
};
use crate::graphql::{Failure, OperationLabel, aggregate_cost, dangling_reference, list_cost, lookup_cost};

const fn operation(field: &'static str) -> Operation {
    Operation { topic: OperationLabel { kind: "query", field }, member: Member::Workshops }
}

const BY_START: Ordering<WorkshopOrder> = Ordering { by: WorkshopOrder::StartsAt, direction: Direction::Ascending };

/// A workshop.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct WorkshopAnswer {
    workshops: Workshop,
    error: Nothing,
}

/// A page of workshops.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct WorkshopsAnswer {
    workshops: Vec<Workshop>,
    page_info: PageInfo,
    error: Nothing,
}

/// What a list of workshops can be narrowed to.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "it describes what is read where it is used")]
pub(super) struct Narrowing {
    /// Only those that this center runs, alone or with others, `ctr_…`. An id that names nothing finds nothing; a blank
    /// one is none.
    #[param(value_type = String, required = false)]
    center_id: Option<String>,
}

/// Tells the workshops
///
/// Those that are published, and the drafts that the caller sees, past ones too, by the start of the first session.
///
/// For everybody; where the operator lets no strangers in, for everybody who says who they are.
#[utoipa::path(
    get,
    path = "/v1/workshops",
    operation_id = "listWorkshops",
    tag = "workshops",
    params(
        Narrowing,
        Window,
    ),
    responses((status = 200, description = "A page of them.", body = WorkshopsAnswer)),
)]
pub(super) async fn list(asked: ApiRequest) -> Response {
    let window = Window::read(&asked.question.parameters);
    // `workshops(first: …) { nodes { … } totalCount }`
    let cost = list_cost(Window::size_of(&window), 1 + selected() + aggregate_cost(1));
    asked.answer(operation("workshops"), cost, |question| find(question, window)).await
}

async fn find(question: RequestInput, window: Result<Window, Failure>) -> Result<WorkshopsAnswer, ApiError> {
    let window = window?;
    let view = question.view();
    let (rows, total) = match narrowed::<CenterId>(&question.parameters, "center_id")? {
        Ok(center) => {
            let filter = WorkshopFilter { center, ..WorkshopFilter::default() };
            let rows = view.list_by_offset(&filter, BY_START, window.stretch()).await.map_err(Failure::from)?;
            (rows, view.count(&filter).await.map_err(Failure::from)?)
        }
        Err(FindsNothing) => (Vec::new(), 0),
    };
    Ok(WorkshopsAnswer { workshops: described(&view, rows).await?, page_info: window.info(total), error: Nothing })
}

/// Tells a workshop
///
/// For everybody; where the operator lets no strangers in, for everybody who says who they are. Problem: 1001 "Workshop is
/// invalid", also for a draft that the caller does not see.
#[utoipa::path(
    get,
    path = "/v1/workshops/{workshop_id}",
    operation_id = "getWorkshop",
    tag = "workshops",
    params(
        ("workshop_id" = String, Path, description = "The workshop, `wks_…`.",
            example = json!("wks_01kdvdna00e00800000c000000")),
    ),
    responses(
        (status = 200, description = "The workshop.", body = WorkshopAnswer),
        (status = 400, description = "A problem stands in the way.", body = WorkshopsRefused),
    ),
)]
pub(super) async fn one(asked: ApiRequest) -> Response {
    asked.answer(operation("workshop"), lookup_cost(selected()), look_up).await
}

async fn look_up(question: RequestInput) -> Result<WorkshopAnswer, ApiError> {
    let view = question.view();
    let row = registrations::workshop(&view, question.id("workshop_id")).await?;
    let workshops = described(&view, vec![row]).await?.into_iter().next();
    let workshops = workshops.ok_or_else(|| dangling_reference("workshop"))?;
    Ok(WorkshopAnswer { workshops, error: Nothing })
}
