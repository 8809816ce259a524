use std::sync::Arc;

use async_graphql::{Context, ID, Object, OneofObject, Result};
use domain::ExternalId;
use persistence::Store;

use super::found;
use crate::graphql::{fault::Fault, loaders::Loaders, types::guest::Guest};

#[derive(Default)]
pub(super) struct GuestQueries;

/// What a guest is known by: exactly one of these.
#[derive(OneofObject)]
enum GuestBy {
    /// The id, `gst_…`.
    Id(ID),
    /// The id in the caller's own system.
    ExternalId(String),
}

#[Object]
impl GuestQueries {
    /// The guest who is known by this; null when there is none.
    async fn guest(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "One way to know the guest.")] by: GuestBy,
    ) -> Option<Result<Guest>> {
        let row = match by {
            GuestBy::Id(id) => ctx.data_unchecked::<Loaders>().guest(id.parse().ok()?).await,
            GuestBy::ExternalId(id) => {
                let id = ExternalId::parse(&id).ok()?;
                ctx.data_unchecked::<Arc<Store>>().guest_by_external_id(&id).await.map_err(Fault::from)
            }
        };
        found(row)
    }
}
