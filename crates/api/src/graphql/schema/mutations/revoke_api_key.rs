use async_graphql::{Context, ID, Object, Result};
use domain::commands::revoke_api_key::{ApiKeyReference, RevokeApiKey, RevokeApiKeyRefusal};

use super::payload;
use crate::graphql::{
    execution::fault::Fault,
    schema::{field_access::permit, types::api_key::ApiKey},
    store,
};

payload! {
    /// The key, which opens nothing any more, or the problem that stands in the way.
    RevokeApiKeyResult = ApiKey or RevokeApiKeyRefusal { ApiKeyInvalid }
}

#[derive(Default)]
pub(super) struct RevokeApiKeyMutation;

#[Object]
impl RevokeApiKeyMutation {
    /// Revokes an API key. This server lets nobody in with it from then on, others of the same database after
    /// at most 5 seconds; what is told live to its holders ends with the next look at the connection. Revoking twice is the
    /// same as revoking once.
    async fn revoke_api_key(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The key to revoke, `key_…`.")] api_key_id: ID,
    ) -> Result<RevokeApiKeyResult> {
        let permit = permit(ctx)?;
        let command = RevokeApiKey { key: api_key_id.parse().ok().map(ApiKeyReference::Id) };
        match store(ctx).revoke_api_key(command, &permit).await.map_err(Fault::from)? {
            Ok(row) => Ok(RevokeApiKeyResult::ApiKey(row.into())),
            Err(refusal) => Ok(refusal.into()),
        }
    }
}
