use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};
use domain::{
    ApiKeyForm, ApiKeyId, GrantForm,
    commands::create_api_key::{CreateApiKey, CreateApiKeyRefusal},
};
use persistence::IssuedApiKey;
use uuid::Uuid;

use super::payload;
use crate::graphql::{
    execution::{context::store, fault::Fault},
    schema::{
        enums::{Role, Scope},
        field_access::permit,
        scalars::Instant,
        types::api_key::ApiKey,
    },
};

/// The API key to create.
#[derive(InputObject)]
pub(super) struct CreateApiKeyInput {
    /// The name: 1 to 100 characters after trimming, without control characters.
    name: String,
    /// The role of the key: ADMIN, STAFF or PARTNER. Guests use tokens of their own.
    role: Role,
    /// The scopes of a PARTNER, at least one. Other roles have no scopes.
    scopes: Option<Vec<Scope>>,
    /// The centers that limit the key. STAFF needs at least one. For a PARTNER, null means all centers. An ADMIN has
    /// none.
    center_ids: Option<Vec<ID>>,
    /// The instant when the key expires, in the future. null means never.
    expires_at: Option<Instant>,
}

/// The API key was created.
#[derive(SimpleObject)]
pub(crate) struct CreateApiKeySuccess {
    /// The record of the key.
    api_key: ApiKey,
    /// The key itself, for `Authorization: apikey …`. It is shown only here, because the server stores only a digest.
    key: String,
}

payload! {
    /// The new key, or the problem that prevented it.
    CreateApiKeyResult = CreateApiKeySuccess or CreateApiKeyRefusal { InputInvalid, CenterInvalid }
}

#[derive(Default)]
pub(super) struct CreateApiKeyMutation;

#[Object]
impl CreateApiKeyMutation {
    /// Creates an API key. This mutation cannot be retried safely, because a key is shown only once. If the response is
    /// lost, revoke the key that was created and create another.
    async fn create_api_key(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The API key to create.")] input: CreateApiKeyInput,
    ) -> Result<CreateApiKeyResult> {
        let permit = permit(ctx)?;
        let form = ApiKeyForm {
            name: input.name,
            grant: GrantForm {
                role: input.role.into(),
                scopes: input.scopes.into_iter().flatten().map(Into::into).collect(),
                centers: input.center_ids.map(|ids| ids.into_iter().map(|id| id.0).collect()),
            },
            expires_at: input.expires_at.map(|instant| instant.0),
        };
        let store = store(ctx);
        let command = match CreateApiKey::parse(form, ApiKeyId::from_uuid(Uuid::now_v7()), store.clock().now()) {
            Ok(command) => command,
            Err(invalid) => return Ok(CreateApiKeyRefusal::from(invalid).into()),
        };
        match store.create_api_key(command, &permit).await.map_err(Fault::from)? {
            Ok(issued) => Ok(CreateApiKeyResult::CreateApiKeySuccess(issued.into())),
            Err(refusal) => Ok(refusal.into()),
        }
    }
}

impl From<IssuedApiKey> for CreateApiKeySuccess {
    fn from(issued: IssuedApiKey) -> Self {
        Self { key: issued.text.reveal(), api_key: issued.row.into() }
    }
}
