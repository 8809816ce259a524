use domain::{
    ApiKeyText, CenterId,
    access::{KeyKeeping, Permit, Scope},
    commands::create_api_key::{CreateApiKey, CreateApiKeyRefusal},
};
use sea_orm::ConnectionTrait;

use super::random_key;
use crate::{
    ApiKeyRow, Store, StoreError,
    catalogue::insert,
    entities::{api_key, api_key_center},
    people, transaction,
};

/// A new key.
#[derive(Clone, Debug)]
pub struct MadeApiKey {
    /// What is kept of it.
    pub row: ApiKeyRow,
    /// All of it; nobody can tell it again.
    pub text: ApiKeyText,
}

impl Store {
    /// Makes an API key. Answers after the commit.
    pub async fn create_api_key(
        &self,
        command: CreateApiKey,
        permit: &Permit<KeyKeeping>,
    ) -> Result<Result<MadeApiKey, CreateApiKeyRefusal>, StoreError> {
        let tx = transaction::begin(&self.write).await?;
        let reach = command.grant.reach();
        let centers: Vec<_> = reach.centers().into_iter().flatten().copied().collect();
        let known = people::known_centers(&tx, centers.iter().copied()).await?;
        if let Err(refusal) = command.ensure(&known) {
            return Ok(Err(refusal));
        }
        let text = random_key()?;
        let words: Vec<_> = command.grant.scopes().iter().copied().map(Scope::word).collect();
        let row = ApiKeyRow {
            id: command.id.uuid(),
            name: command.name.as_str().to_owned(),
            prefix: text.prefix().to_string(),
            digest: text.digest().bytes().to_vec(),
            role: command.grant.role().word().to_owned(),
            scopes: words.join(" "),
            everywhere: reach.centers().is_none(),
            created_at: self.clock.now(),
            created_by: permit.authority().actor().to_string(),
            expires_at: command.expires_at,
            revoked_at: None,
            replaced_by: None,
            last_used_at: None,
        };
        enter(&tx, &row, &centers).await?;
        tx.commit().await?;
        tracing::info!(key = row.prefix, by = row.created_by, role = row.role, "an API key was made");
        Ok(Ok(MadeApiKey { row, text }))
    }
}

/// Enters a key, with the centers that it names.
pub(super) async fn enter(db: &impl ConnectionTrait, row: &ApiKeyRow, centers: &[CenterId]) -> Result<(), StoreError> {
    insert::<api_key::Entity>(db, [row.clone()]).await?;
    let named = |center: &CenterId| api_key_center::Model { api_key_id: row.id, center_id: center.uuid() };
    insert::<api_key_center::Entity>(db, centers.iter().map(named)).await
}
