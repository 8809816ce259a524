use async_graphql::{Context, ID, Object, Result};
use domain::{CenterId, access::ManageApiKeys};
use futures_util::future::try_join_all;
use persistence::ApiKeyRow;

use super::{center::Center, node};
use crate::graphql::{
    execution::{cost::looked_up, fault::Fault},
    schema::{
        enums::{ApiKeyState, Role, Scope},
        field_access::permit,
        scalars::Instant,
    },
    store,
};

node!(ApiKey = ApiKeyFields(ApiKeyRow));

/// The centers of which a key or a token speaks, in the order of their ids.
pub(super) async fn named(ctx: &Context<'_>, ids: impl IntoIterator<Item = CenterId>) -> Result<Vec<Center>> {
    let mut ids: Vec<_> = ids.into_iter().collect();
    ids.sort_unstable();
    Ok(try_join_all(ids.into_iter().map(|id| Center::load(ctx, id.uuid()))).await?)
}

/// A key with which a program, or the front desk of a center, calls; of the key itself only the prefix is known here.
/// For an ADMIN.
#[Object(name = "ApiKey")]
impl ApiKeyFields {
    /// `key_…`; the journal keeps what is done with the key under this name.
    pub(crate) async fn id(&self) -> ID {
        self.0.api_key_id().to_string().into()
    }

    /// What people call it.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// How the key begins: `atl_` and eight characters, by which it is told from others.
    async fn prefix(&self) -> &str {
        &self.0.prefix
    }

    /// As what its holder calls: ADMIN, STAFF or PARTNER.
    async fn role(&self) -> Result<Role> {
        Ok(self.0.role().map_err(Fault::from)?.into())
    }

    /// What a PARTNER may do with it; other roles have no scopes.
    async fn scopes(&self) -> Result<Vec<Scope>> {
        Ok(self.0.scopes().map_err(Fault::from)?.into_iter().map(Scope::from).collect())
    }

    /// The centers to which it is confined, in the order of their ids; null: everywhere.
    #[graphql(complexity = "looked_up(looked_up(child_complexity))")]
    async fn centers(&self, ctx: &Context<'_>) -> Result<Option<Vec<Center>>> {
        permit::<ManageApiKeys>(ctx)?;
        match store(ctx).centers_of_api_key(&self.0).await.map_err(Fault::from)? {
            Some(ids) => Ok(Some(named(ctx, ids).await?)),
            None => Ok(None),
        }
    }

    /// Whether it can be used.
    async fn state(&self, ctx: &Context<'_>) -> ApiKeyState {
        match self.0.term() {
            term if term.revoked_at.is_some() => ApiKeyState::Revoked,
            term if term.is_active(store(ctx).clock().now()) => ApiKeyState::Active,
            _ => ApiKeyState::Expired,
        }
    }

    /// When it was made.
    async fn created_at(&self) -> Instant {
        Instant(self.0.created_at)
    }

    /// Who made it, by the name under which the journal knows them; `system`: somebody at the command line.
    async fn created_by(&self) -> &str {
        &self.0.created_by
    }

    /// When it expires; null: never.
    async fn expires_at(&self) -> Option<Instant> {
        self.0.expires_at.map(Instant)
    }

    /// When it was revoked; null: it was not.
    async fn revoked_at(&self) -> Option<Instant> {
        self.0.revoked_at.map(Instant)
    }

    /// When it was last used, to the minute; null: never.
    async fn last_used_at(&self) -> Option<Instant> {
        self.0.last_used_at.map(Instant)
    }
}
