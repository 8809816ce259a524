use async_graphql::{Context, Object, Result};
use persistence::NEWEST_FIRST;

use crate::graphql::{
    execution::fault::Fault,
    schema::{
        connection::{Listing, PageArguments, listing, page_cost},
        field_access::permit,
        totals::TotalCount,
        types::api_key::ApiKey,
    },
    store,
};

#[derive(Default)]
pub(super) struct ApiKeyQueries;

#[Object]
impl ApiKeyQueries {
    /// All API keys, past ones too, newest first; 20 when neither `first` nor `last` is given, at most 100.
    #[graphql(complexity = "page_cost(first, last, child_complexity)")]
    async fn api_keys(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "This many from the start, 0 to 100.")] first: Option<i32>,
        #[graphql(desc = "Only what follows this cursor.")] after: Option<String>,
        #[graphql(desc = "This many from the end, 0 to 100; not together with `first`.")] last: Option<i32>,
        #[graphql(desc = "Only what precedes this cursor.")] before: Option<String>,
    ) -> Result<Listing<ApiKey>> {
        let permit = permit(ctx)?;
        let page = PageArguments { first, after, last, before }.page(&NEWEST_FIRST)?;
        let slice = store(ctx).list_api_keys(&page, &permit).await.map_err(Fault::from)?;
        Ok(listing(slice, &page, TotalCount::ApiKeys(permit)))
    }
}
