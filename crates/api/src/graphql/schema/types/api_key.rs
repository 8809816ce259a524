use async_graphql::{Context, ID, Object, Result};
use domain::{CenterId, access::ManageApiKeys};
use futures_util::future::try_join_all;
use persistence::ApiKeyRow;

use super::{center::Center, node};
use crate::graphql::{
    execution::{
        context::{now, store},
        cost::{CENTERS, list_cost, lookup_cost},
        fault::Fault,
        response_size::ensure_room,
    },
    schema::{
        enums::{ApiKeyState, Role, Scope},
        field_access::permit,
        scalars::Instant,
    },
};

node!(ApiKey = ApiKeyFields(ApiKeyRow));

/// Loads the centers that limit a key or a token, in the order of their ids.
pub(super) async fn load_centers(ctx: &Context<'_>, ids: impl IntoIterator<Item = CenterId>) -> Result<Vec<Center>> {
    let mut ids: Vec<_> = ids.into_iter().collect();
    ids.sort_unstable();
    ensure_room(ctx, ids.len()).await;
    Ok(try_join_all(ids.into_iter().map(|id| Center::load(ctx, id.uuid()))).await?)
}

/// A key that authenticates a program or the front desk of a center. The server stores only the prefix and a digest.
/// Visible to ADMIN only.
#[Object(name = "ApiKey")]
impl ApiKeyFields {
    /// The id, `key_…`. The journal records changes made with the key under this id.
    pub(crate) async fn id(&self) -> ID {
        self.0.api_key_id().to_string().into()
    }

    /// The name.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// The beginning of the key, which identifies it: `atl_` and eight characters.
    async fn prefix(&self) -> &str {
        &self.0.prefix
    }

    /// The role of the key: ADMIN, STAFF or PARTNER.
    async fn role(&self) -> Result<Role> {
        Ok(self.0.role().map_err(Fault::from)?.into())
    }

    /// The scopes of a PARTNER. Other roles have no scopes.
    async fn scopes(&self) -> Result<Vec<Scope>> {
        Ok(self.0.scopes().map_err(Fault::from)?.into_iter().map(Scope::from).collect())
    }

    /// The centers that limit the key, in the order of their ids. null means all centers.
    #[graphql(complexity = "lookup_cost(list_cost(CENTERS, child_complexity))")]
    async fn centers(&self, ctx: &Context<'_>) -> Result<Option<Vec<Center>>> {
        permit::<ManageApiKeys>(ctx)?;
        match store(ctx).centers_of_api_key(&self.0).await.map_err(Fault::from)? {
            Some(ids) => Ok(Some(load_centers(ctx, ids).await?)),
            None => Ok(None),
        }
    }

    /// Whether the key can be used.
    async fn state(&self, ctx: &Context<'_>) -> ApiKeyState {
        match self.0.term() {
            term if term.revoked_at.is_some() => ApiKeyState::Revoked,
            term if term.is_active(now(ctx)) => ApiKeyState::Active,
            _ => ApiKeyState::Expired,
        }
    }

    /// The instant when the key was created.
    async fn created_at(&self) -> Instant {
        Instant(self.0.created_at)
    }

    /// The actor who created the key, as the journal names them. `system` is the command line.
    async fn created_by(&self) -> &str {
        &self.0.created_by
    }

    /// The instant when the key expires. null means never.
    async fn expires_at(&self) -> Option<Instant> {
        self.0.expires_at.map(Instant)
    }

    /// The instant when the key was revoked. null means that it was not.
    async fn revoked_at(&self) -> Option<Instant> {
        self.0.revoked_at.map(Instant)
    }

    /// The instant when the key was last used, to the minute. null means never.
    async fn last_used_at(&self) -> Option<Instant> {
        self.0.last_used_at.map(Instant)
    }
}
