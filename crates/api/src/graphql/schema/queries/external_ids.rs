//! Workshops and centers by what another system calls them; guests have `guest(by:)`.

use async_graphql::{Context, ID, Object, OneofObject, Result};
use domain::ExternalId;

use super::found;
use crate::graphql::{
    execution::{cost::looked_up, loaders::Loaders},
    schema::types::{center::Center, workshop::Workshop},
};

#[derive(Default)]
pub(super) struct ExternalIdQueries;

/// What a workshop is known by: exactly one of these.
#[derive(OneofObject)]
enum WorkshopBy {
    /// The id, `wks_…`.
    Id(ID),
    /// The id in the caller's own system.
    ExternalId(String),
}

/// What a center is known by: exactly one of these.
#[derive(OneofObject)]
enum CenterBy {
    /// The id, `ctr_…`.
    Id(ID),
    /// The id in the caller's own system.
    ExternalId(String),
}

#[Object]
impl ExternalIdQueries {
    /// The workshop that is known by this; null when there is none.
    #[graphql(complexity = "looked_up(child_complexity)")]
    async fn workshop_by(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "One way to know the workshop.")] by: WorkshopBy,
    ) -> Option<Result<Workshop>> {
        let loaders = ctx.data_unchecked::<Loaders>();
        found(match by {
            WorkshopBy::Id(id) => loaders.workshop(id.parse().ok()?).await,
            WorkshopBy::ExternalId(id) => loaders.workshop_by_external_id(ExternalId::parse(&id).ok()?).await,
        })
    }

    /// The center that is known by this; null when there is none.
    #[graphql(complexity = "looked_up(child_complexity)")]
    async fn center_by(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "One way to know the center.")] by: CenterBy,
    ) -> Option<Result<Center>> {
        let loaders = ctx.data_unchecked::<Loaders>();
        found(match by {
            CenterBy::Id(id) => loaders.center(id.parse().ok()?).await,
            CenterBy::ExternalId(id) => loaders.center_by_external_id(ExternalId::parse(&id).ok()?).await,
        })
    }
}
