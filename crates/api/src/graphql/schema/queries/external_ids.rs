//! Lookups of workshops and centers by external id. Guests have `guest(by:)`.

use async_graphql::{Context, ID, Object, OneofObject, Result};
use domain::ExternalId;

use crate::graphql::{
    execution::{context::loaders, cost::lookup_cost},
    schema::types::{center::Center, optional_node, workshop::Workshop},
};

#[derive(Default)]
pub(super) struct ExternalIdQueries;

/// Identifies a workshop by exactly one of its ids.
#[derive(OneofObject)]
enum WorkshopBy {
    /// The id, `wks_…`.
    Id(ID),
    /// The id in the caller's own system.
    ExternalId(String),
}

/// Identifies a center by exactly one of its ids.
#[derive(OneofObject)]
enum CenterBy {
    /// The id, `ctr_…`.
    Id(ID),
    /// The id in the caller's own system.
    ExternalId(String),
}

#[Object]
impl ExternalIdQueries {
    /// The workshop with this id or external id; null if it does not exist.
    #[graphql(complexity = "lookup_cost(child_complexity)")]
    async fn workshop_by(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The id or the external id.")] by: WorkshopBy,
    ) -> Option<Result<Workshop>> {
        let loaders = loaders(ctx);
        optional_node(match by {
            WorkshopBy::Id(id) => loaders.workshop(id.parse().ok()?).await,
            WorkshopBy::ExternalId(id) => loaders.workshop_by_external_id(ExternalId::parse(&id).ok()?).await,
        })
    }

    /// The center with this id or external id; null if it does not exist.
    #[graphql(complexity = "lookup_cost(child_complexity)")]
    async fn center_by(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The id or the external id.")] by: CenterBy,
    ) -> Option<Result<Center>> {
        let loaders = loaders(ctx);
        optional_node(match by {
            CenterBy::Id(id) => loaders.center(id.parse().ok()?).await,
            CenterBy::ExternalId(id) => loaders.center_by_external_id(ExternalId::parse(&id).ok()?).await,
        })
    }
}
