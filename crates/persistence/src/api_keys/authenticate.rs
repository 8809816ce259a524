use std::sync::Arc;

use domain::{
    Actor, ApiKeyId, ApiKeyPrefix, ApiKeyText, CenterId, KeyDigest, Term, Timestamp,
    access::{Access, Grant},
};
use sea_orm::{
    ColumnTrait, EntityTrait, QueryFilter,
    sea_query::{Expr, ExprTrait},
};

use super::rows::api_key_centers;
use crate::{ApiKeyRow, Store, StoreError, database::redacted_error::RedactedError, entities::api_key};

/// A verified API key.
#[derive(Clone, Debug)]
pub struct AuthenticatedKey {
    id: ApiKeyId,
    prefix: ApiKeyPrefix,
    digest: KeyDigest,
    grant: Grant,
    term: Term,
}

impl AuthenticatedKey {
    /// The access that the key grants.
    pub fn access(&self) -> Access {
        Access::granted(Actor::Key(self.id), &self.grant)
    }

    /// The public part of the key.
    pub fn prefix(&self) -> &ApiKeyPrefix {
        &self.prefix
    }

    /// When the key expires.
    pub fn expires_at(&self) -> Option<Timestamp> {
        self.term.expires_at
    }
}

impl Store {
    /// Verifies the text of a key. `None`: no active key has this text. The use is recorded in the background.
    pub async fn authenticate(&self, text: &ApiKeyText) -> Result<Option<Arc<AuthenticatedKey>>, StoreError> {
        let now = self.clock.now();
        let Some(key) = self.cached_key(text.prefix(), now).await? else { return Ok(None) };
        if !key.digest.matches(&text.digest()) || !key.term.is_active(now) {
            return Ok(None);
        }
        if self.keys.should_record_use(key.id, now) {
            self.record_use(key.id, now);
        }
        Ok(Some(key))
    }

    /// Checks by its prefix whether a key that was authenticated before is still active.
    pub async fn reauthenticate(&self, prefix: &ApiKeyPrefix) -> Result<Option<Arc<AuthenticatedKey>>, StoreError> {
        let now = self.clock.now();
        Ok(self.cached_key(prefix, now).await?.filter(|key| key.term.is_active(now)))
    }

    /// Whether an active key exists.
    pub async fn has_active_api_key(&self) -> Result<bool, StoreError> {
        let unexpired = api_key::Column::ExpiresAt.is_null().or(api_key::Column::ExpiresAt.gt(self.clock.now()));
        let active = api_key::Entity::find().filter(api_key::Column::RevokedAt.is_null()).filter(unexpired);
        self.startup.retry(|| async { Ok(active.clone().one(&self.read).await?.is_some()) }).await
    }

    async fn cached_key(
        &self,
        prefix: &ApiKeyPrefix,
        now: Timestamp,
    ) -> Result<Option<Arc<AuthenticatedKey>>, StoreError> {
        let generation = match self.keys.get(prefix, now) {
            Ok(key) => return Ok(Some(key)),
            Err(generation) => generation,
        };
        let has_prefix = api_key::Column::Prefix.eq(prefix.to_string());
        let Some(row) = api_key::Entity::find().filter(has_prefix).one(&self.read).await? else { return Ok(None) };
        let centers = api_key_centers(&self.read, &row).await?;
        let key = Arc::new(authenticated_key(&row, prefix.clone(), centers)?);
        self.keys.insert(prefix.clone(), key.clone(), now, generation);
        Ok(Some(key))
    }

    /// Records the use of a key in a task of its own, so that requests never wait for it. A failure is only logged.
    fn record_use(&self, key: ApiKeyId, now: Timestamp) {
        let db = self.write.clone();
        tokio::spawn(async move {
            let is_earlier = api_key::Column::LastUsedAt.is_null().or(api_key::Column::LastUsedAt.lt(now));
            let recorded = api_key::Entity::update_many()
                .col_expr(api_key::Column::LastUsedAt, Expr::val(now))
                .filter(api_key::Column::Id.eq(key.uuid()))
                .filter(is_earlier)
                .exec(&db)
                .await;
            if let Err(error) = recorded {
                tracing::warn!(error = %RedactedError(&error), %key, "the last use of an API key was not recorded");
            }
        });
    }
}

fn authenticated_key(
    row: &ApiKeyRow,
    prefix: ApiKeyPrefix,
    centers: Vec<CenterId>,
) -> Result<AuthenticatedKey, StoreError> {
    let digest = row.digest.as_slice().try_into().map_err(|_| row.corrupt("its digest has the wrong length"))?;
    let centers = (!row.all_centers).then(|| centers.into_iter().collect());
    let grant = Grant::new(row.role()?, row.scopes()?, centers).map_err(|error| row.corrupt(&error.to_string()))?;
    Ok(AuthenticatedKey {
        id: row.api_key_id(),
        prefix,
        digest: KeyDigest::from_bytes(digest),
        grant,
        term: row.term(),
    })
}
