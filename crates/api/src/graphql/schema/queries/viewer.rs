use async_graphql::{Context, Object};
use domain::access::Access;

use crate::graphql::schema::types::viewer::Viewer;

#[derive(Default)]
pub(super) struct ViewerQueries;

#[Object]
impl ViewerQueries {
    /// The caller, as the server identified them.
    async fn viewer(&self, ctx: &Context<'_>) -> Viewer {
        Viewer(ctx.data_unchecked::<Access>().clone())
    }
}
