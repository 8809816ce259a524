use async_graphql::{Context, Object, Result};
use persistence::NEWEST_FIRST;

use crate::graphql::{
    execution::{context::store, fault::Fault},
    schema::{
        connection::{Listing, PageArguments, listing, page_cost},
        field_access::permit,
        totals::TotalCount,
        types::api_key::ApiKey,
    },
};

#[derive(Default)]
pub(super) struct ApiKeyQueries;

#[Object]
impl ApiKeyQueries {
    /// Lists all API keys, revoked and expired ones included, newest first. A page has 20 keys by default and at most
    /// 100.
    #[graphql(complexity = "page_cost(first, last, child_complexity)")]
    async fn api_keys(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The number of entries to return from the start, 0 to 100.")] first: Option<i32>,
        #[graphql(desc = "Returns only entries after this cursor.")] after: Option<String>,
        #[graphql(desc = "The number of entries to return from the end, 0 to 100. Cannot be combined with `first`.")]
        last: Option<i32>,
        #[graphql(desc = "Returns only entries before this cursor.")] before: Option<String>,
    ) -> Result<Listing<ApiKey>> {
        let permit = permit(ctx)?;
        let page = PageArguments { first, after, last, before }.page(&NEWEST_FIRST)?;
        let slice = store(ctx).list_api_keys(&page, &permit).await.map_err(Fault::from)?;
        Ok(listing(slice, &page, TotalCount::ApiKeys(permit)))
    }
}
