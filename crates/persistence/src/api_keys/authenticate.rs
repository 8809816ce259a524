use std::sync::Arc;

use domain::{
    Actor, ApiKeyId, ApiKeyPrefix, ApiKeyText, CenterId, KeyDigest, Term, Timestamp,
    access::{Access, Grant},
};
use sea_orm::{
    ColumnTrait, EntityTrait, QueryFilter,
    sea_query::{Expr, ExprTrait},
};

use super::rows::centers_of;
use crate::{ApiKeyRow, Store, StoreError, database::redacted_error::RedactedError, entities::api_key};

/// A key that somebody holds.
#[derive(Clone, Debug)]
pub struct AuthenticatedKey {
    id: ApiKeyId,
    prefix: ApiKeyPrefix,
    digest: KeyDigest,
    grant: Grant,
    term: Term,
}

impl AuthenticatedKey {
    /// What its holder may see and do.
    pub fn access(&self) -> Access {
        Access::granted(Actor::Key(self.id), &self.grant)
    }

    /// The part of it that may be known.
    pub fn prefix(&self) -> &ApiKeyPrefix {
        &self.prefix
    }

    /// When it expires.
    pub fn expires_at(&self) -> Option<Timestamp> {
        self.term.expires_at
    }
}

impl Store {
    /// The key that this is, if it is one that can be used. That it was used is noted in the background.
    pub async fn authenticate(&self, text: &ApiKeyText) -> Result<Option<Arc<AuthenticatedKey>>, StoreError> {
        let now = self.clock.now();
        let Some(key) = self.cached_key(text.prefix(), now).await? else { return Ok(None) };
        if !key.digest.matches(&text.digest()) || !key.term.is_active(now) {
            return Ok(None);
        }
        if self.keys.is_to_be_noted(key.id, now) {
            self.note_use(key.id, now);
        }
        Ok(Some(key))
    }

    /// The same of a key that was recognized before, by the part that may be known.
    pub async fn reauthenticate(&self, prefix: &ApiKeyPrefix) -> Result<Option<Arc<AuthenticatedKey>>, StoreError> {
        let now = self.clock.now();
        Ok(self.cached_key(prefix, now).await?.filter(|key| key.term.is_active(now)))
    }

    /// Whether there is a key that can be used.
    pub async fn has_active_api_key(&self) -> Result<bool, StoreError> {
        let unexpired = api_key::Column::ExpiresAt.is_null().or(api_key::Column::ExpiresAt.gt(self.clock.now()));
        let active = api_key::Entity::find().filter(api_key::Column::RevokedAt.is_null()).filter(unexpired);
        Ok(active.one(&self.read).await?.is_some())
    }

    async fn cached_key(
        &self,
        prefix: &ApiKeyPrefix,
        now: Timestamp,
    ) -> Result<Option<Arc<AuthenticatedKey>>, StoreError> {
        let since = match self.keys.fresh(prefix, now) {
            Ok(key) => return Ok(Some(key)),
            Err(since) => since,
        };
        let called = api_key::Column::Prefix.eq(prefix.to_string());
        let Some(row) = api_key::Entity::find().filter(called).one(&self.read).await? else { return Ok(None) };
        let centers = centers_of(&self.read, &row).await?;
        let key = Arc::new(held(&row, prefix.clone(), centers)?);
        self.keys.keep(prefix.clone(), key.clone(), now, since);
        Ok(Some(key))
    }

    /// Not in the way of whoever uses it: it is written when it can be, and missed if it cannot.
    fn note_use(&self, key: ApiKeyId, now: Timestamp) {
        let db = self.write.clone();
        tokio::spawn(async move {
            let never_or_before = api_key::Column::LastUsedAt.is_null().or(api_key::Column::LastUsedAt.lt(now));
            let noted = api_key::Entity::update_many()
                .col_expr(api_key::Column::LastUsedAt, Expr::val(now))
                .filter(api_key::Column::Id.eq(key.uuid()))
                .filter(never_or_before)
                .exec(&db)
                .await;
            if let Err(error) = noted {
                tracing::warn!(error = %RedactedError(&error), %key, "it could not be noted that an API key was used");
            }
        });
    }
}

fn held(row: &ApiKeyRow, prefix: ApiKeyPrefix, centers: Vec<CenterId>) -> Result<AuthenticatedKey, StoreError> {
    let digest = row.digest.as_slice().try_into().map_err(|_| row.corrupt("the digest has another length"))?;
    let centers = (!row.all_centers).then(|| centers.into_iter().collect());
    let grant = Grant::new(row.role()?, row.scopes()?, centers).map_err(|why| row.corrupt(&why.to_string()))?;
    Ok(AuthenticatedKey {
        id: row.api_key_id(),
        prefix,
        digest: KeyDigest::from_bytes(digest),
        grant,
        term: row.term(),
    })
}
