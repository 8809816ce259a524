use async_graphql::{Context, ID, Object, Result};
use domain::commands::revoke_api_key::{ApiKeyReference, RevokeApiKey, RevokeApiKeyRefusal};

use super::payload;
use crate::graphql::{
    execution::{context::store, fault::Fault},
    schema::{field_access::permit, types::api_key::ApiKey},
};

payload! {
    /// The revoked key, or the problem that prevented it.
    RevokeApiKeyResult = ApiKey or RevokeApiKeyRefusal { ApiKeyInvalid }
}

#[derive(Default)]
pub(super) struct RevokeApiKeyMutation;

#[Object]
impl RevokeApiKeyMutation {
    /// Revokes an API key. This server rejects the key at once. Other servers on the same database reject it within 5
    /// seconds. Subscriptions that use the key end at the next credential check. Revoking twice has the same effect as
    /// revoking once.
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
