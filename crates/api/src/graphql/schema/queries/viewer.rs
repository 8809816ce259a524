use async_graphql::{Context, Object};

use crate::graphql::{execution::context::access, schema::types::viewer::Viewer};

#[derive(Default)]
pub(super) struct ViewerQueries;

#[Object]
impl ViewerQueries {
    /// The caller, as the server identified them.
    async fn viewer(&self, ctx: &Context<'_>) -> Viewer {
        Viewer(access(ctx).clone())
    }
}
