use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};
use domain::{
    ApiKeyForm, ApiKeyId, GrantForm,
    commands::create_api_key::{CreateApiKey, CreateApiKeyRefusal},
};
use persistence::IssuedApiKey;
use uuid::Uuid;

use super::payload;
use crate::graphql::{
    execution::fault::Fault,
    schema::{
        enums::{Role, Scope},
        field_access::permit,
        scalars::Instant,
        types::api_key::ApiKey,
    },
    store,
};

/// A key to make.
#[derive(InputObject)]
pub(super) struct CreateApiKeyInput {
    /// What people call it: 1 to 100 characters after trimming, none of them a control character.
    name: String,
    /// As what its holder calls: ADMIN, STAFF or PARTNER. Guests come with a token of their own.
    role: Role,
    /// What a PARTNER may do with it, at least one; other roles have none.
    scopes: Option<Vec<Scope>>,
    /// The centers to which it is confined. STAFF have at least one; for a PARTNER null means everywhere; an ADMIN has none.
    center_ids: Option<Vec<ID>>,
    /// When it expires, an instant yet to come; null: never.
    expires_at: Option<Instant>,
}

/// A new key.
#[derive(SimpleObject)]
pub(crate) struct CreateApiKeySuccess {
    /// What is kept of it.
    api_key: ApiKey,
    /// The key itself, for `Authorization: apikey …`. It is told here and never again: only a digest of it is kept.
    key: String,
}

payload! {
    /// The new key, or the problem that stands in the way.
    CreateApiKeyResult = CreateApiKeySuccess or CreateApiKeyRefusal { InputInvalid, CenterInvalid }
}

#[derive(Default)]
pub(super) struct CreateApiKeyMutation;

#[Object]
impl CreateApiKeyMutation {
    /// Makes an API key. There is no way to repeat this safely, for a key is told once: should the answer be
    /// lost, revoke the key that was made, and make another.
    async fn create_api_key(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What the key is to allow.")] input: CreateApiKeyInput,
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
            Ok(made) => Ok(CreateApiKeyResult::CreateApiKeySuccess(made.into())),
            Err(refusal) => Ok(refusal.into()),
        }
    }
}

impl From<IssuedApiKey> for CreateApiKeySuccess {
    fn from(made: IssuedApiKey) -> Self {
        Self { key: made.text.reveal(), api_key: made.row.into() }
    }
}
