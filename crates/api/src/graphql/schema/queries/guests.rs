use async_graphql::{Context, ID, Object, OneofObject, Result};
use domain::{ExternalId, access::Visibility};

use crate::graphql::{
    execution::{context::loaders, cost::lookup_cost},
    schema::{
        field_access::ensure_sees_guests,
        types::{guest::Guest, optional_node},
    },
};

#[derive(Default)]
pub(super) struct GuestQueries;

/// Identifies a guest by exactly one of their ids.
#[derive(OneofObject)]
enum GuestBy {
    /// The id, `gst_…`.
    Id(ID),
    /// The id in the caller's own system.
    ExternalId(String),
}

#[Object]
impl GuestQueries {
    /// The guest with this id or external id; null if it does not exist.
    #[graphql(complexity = "lookup_cost(child_complexity)")]
    async fn guest(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The id or the external id.")] by: GuestBy,
    ) -> Option<Result<Guest>> {
        if let Err(refusal) = ensure_sees_guests(ctx, Visibility::guests) {
            return Some(Err(refusal));
        }
        let loaders = loaders(ctx);
        optional_node(match by {
            GuestBy::Id(id) => loaders.guest(id.parse().ok()?).await,
            GuestBy::ExternalId(id) => loaders.guest_by_external_id(ExternalId::parse(&id).ok()?).await,
        })
    }
}
