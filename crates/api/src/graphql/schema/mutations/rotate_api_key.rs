use async_graphql::{Context, ID, Object, Result, SimpleObject};
use domain::{
    ApiKeyId, Overlap,
    commands::{
        revoke_api_key::ApiKeyReference,
        rotate_api_key::{RotateApiKey, RotateApiKeyRefusal},
    },
    problems::InputInvalid,
};
use uuid::Uuid;

use super::payload;
use crate::graphql::{
    execution::fault::Fault,
    schema::{field_access::permit, types::api_key::ApiKey},
    store,
};

/// A key that took the place of another.
#[derive(SimpleObject)]
pub(crate) struct RotateApiKeySuccess {
    /// What is kept of the new key.
    api_key: ApiKey,
    /// The new key itself, for `Authorization: apikey …`. It is told here and never again: only a digest of it is kept.
    key: String,
}

payload! {
    /// The new key, or the problem that stands in the way.
    RotateApiKeyResult = RotateApiKeySuccess or RotateApiKeyRefusal { InputInvalid, ApiKeyInvalid }
}

#[derive(Default)]
pub(super) struct RotateApiKeyMutation;

#[Object]
impl RotateApiKeyMutation {
    /// Replaces an API key by a new one that allows the same and is given as long to live. The old one goes on
    /// for a while, so that its holders can change over.
    async fn rotate_api_key(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The key to replace, `key_…`. It must not have ended.")] api_key_id: ID,
        #[graphql(desc = "The hours for which the old key goes on, 0 to 720.", default = 24)] overlap_hours: i32,
    ) -> Result<RotateApiKeyResult> {
        let permit = permit(ctx)?;
        let overlap = match Overlap::from_hours(overlap_hours) {
            Ok(overlap) => overlap,
            Err(invalid) => {
                return Ok(RotateApiKeyRefusal::from(InputInvalid::for_field("overlapHours", invalid)).into());
            }
        };
        let key = api_key_id.parse().ok().map(ApiKeyReference::Id);
        let command = RotateApiKey { key, id: ApiKeyId::from_uuid(Uuid::now_v7()), overlap };
        match store(ctx).rotate_api_key(command, &permit).await.map_err(Fault::from)? {
            Ok(made) => Ok(RotateApiKeyResult::RotateApiKeySuccess(RotateApiKeySuccess {
                key: made.text.reveal(),
                api_key: made.row.into(),
            })),
            Err(refusal) => Ok(refusal.into()),
        }
    }
}
