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
    execution::{context::store, fault::Fault},
    schema::{field_access::permit, types::api_key::ApiKey},
};

/// The API key was replaced by a new one.
#[derive(SimpleObject)]
pub(crate) struct RotateApiKeySuccess {
    /// The record of the new key.
    api_key: ApiKey,
    /// The new key itself, for `Authorization: apikey …`. It is shown only here, because the server stores only a
    /// digest.
    key: String,
}

payload! {
    /// The new key, or the problem that prevented it.
    RotateApiKeyResult = RotateApiKeySuccess or RotateApiKeyRefusal { InputInvalid, ApiKeyInvalid }
}

#[derive(Default)]
pub(super) struct RotateApiKeyMutation;

#[Object]
impl RotateApiKeyMutation {
    /// Replaces an API key by a new one with the same role, scopes, centers and lifetime. The old key stays valid for a
    /// while, so that its holders can switch.
    async fn rotate_api_key(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The key to replace, `key_…`. It must be active.")] api_key_id: ID,
        #[graphql(desc = "The number of hours for which the old key stays valid, 0 to 720.", default = 24)]
        overlap_hours: i32,
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
            Ok(issued) => Ok(RotateApiKeyResult::RotateApiKeySuccess(RotateApiKeySuccess {
                key: issued.text.reveal(),
                api_key: issued.row.into(),
            })),
            Err(refusal) => Ok(refusal.into()),
        }
    }
}
