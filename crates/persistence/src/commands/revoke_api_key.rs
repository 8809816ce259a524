use domain::{
    access::{ManageApiKeys, Permit},
    commands::revoke_api_key::{RevokeApiKey, RevokeApiKeyRefusal},
    problems::ApiKeyInvalid,
};
use sea_orm::{ActiveModelTrait, IntoActiveModel, Set};

use crate::{ApiKeyRow, Store, StoreError, api_keys::lock_api_key, database::transaction};

impl Store {
    /// Revokes an API key. Returns after the commit. From then on this server rejects the key.
    pub async fn revoke_api_key(
        &self,
        command: RevokeApiKey,
        permit: &Permit<ManageApiKeys>,
    ) -> Result<Result<ApiKeyRow, RevokeApiKeyRefusal>, StoreError> {
        let tx = transaction::begin(&self.write).await?;
        let Some(row) = lock_api_key(&tx, command.key.as_ref()).await? else { return Ok(Err(ApiKeyInvalid.into())) };
        if row.revoked_at.is_some() {
            return Ok(Ok(row));
        }
        let mut revoked = row.into_active_model();
        revoked.revoked_at = Set(Some(self.clock.now()));
        let row = revoked.update(&tx).await?;
        tx.commit().await?;
        self.keys.invalidate();
        tracing::info!(key = row.prefix, by = %permit.authority().actor(), "an API key was revoked");
        Ok(Ok(row))
    }
}
