use domain::{
    access::{ManageApiKeys, Permit},
    commands::rotate_api_key::{RotateApiKey, RotateApiKeyRefusal},
    problems::ApiKeyInvalid,
};
use sea_orm::{ActiveModelTrait, IntoActiveModel, Set};

use super::create_api_key::IssuedApiKey;
use crate::{
    ApiKeyRow, Store, StoreError,
    api_keys::{api_key_centers, insert_api_key, lock_api_key, random_api_key},
    database::transaction,
};

impl Store {
    /// Replaces an API key. The old key remains valid for a limited time. Returns after the commit.
    pub async fn rotate_api_key(
        &self,
        command: RotateApiKey,
        permit: &Permit<ManageApiKeys>,
    ) -> Result<Result<IssuedApiKey, RotateApiKeyRefusal>, StoreError> {
        let tx = transaction::begin(&self.write).await?;
        let Some(old) = lock_api_key(&tx, command.key.as_ref()).await? else { return Ok(Err(ApiKeyInvalid.into())) };
        let now = self.clock.now();
        let (old_term, new_term) = match command.decide(old.term(), old.created_at, old.replaced_by.is_some(), now) {
            Ok(terms) => terms,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let text = random_api_key()?;
        let row = ApiKeyRow {
            id: command.id.uuid(),
            prefix: text.prefix().to_string(),
            digest: text.digest().bytes().to_vec(),
            created_at: now,
            created_by: permit.authority().actor().to_string(),
            expires_at: new_term.expires_at,
            last_used_at: None,
            ..old.clone()
        };
        insert_api_key(&tx, &row, &api_key_centers(&tx, &old).await?).await?;
        let replaced = old.prefix.clone();
        let mut old = old.into_active_model();
        old.expires_at = Set(old_term.expires_at);
        old.replaced_by = Set(Some(row.id));
        old.update(&tx).await?;
        tx.commit().await?;
        self.keys.invalidate();
        tracing::info!(key = row.prefix, by = row.created_by, replaced, "an API key was rotated");
        Ok(Ok(IssuedApiKey { row, text }))
    }
}
