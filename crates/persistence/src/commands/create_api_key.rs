use domain::{
    ApiKeyText,
    access::{ManageApiKeys, Permit},
    commands::create_api_key::{CreateApiKey, CreateApiKeyRefusal},
};

use crate::{
    ApiKeyRow, Store, StoreError,
    api_keys::{insert_api_key, random_api_key},
    database::transaction,
    rows::center_rows,
};

/// A new API key.
#[derive(Clone, Debug)]
pub struct IssuedApiKey {
    /// The row of the key.
    pub row: ApiKeyRow,
    /// The full text of the key. It cannot be read again.
    pub text: ApiKeyText,
}

impl Store {
    /// Creates an API key. Returns after the commit.
    pub async fn create_api_key(
        &self,
        command: CreateApiKey,
        permit: &Permit<ManageApiKeys>,
    ) -> Result<Result<IssuedApiKey, CreateApiKeyRefusal>, StoreError> {
        let tx = transaction::begin(&self.write).await?;
        let reach = command.grant.reach();
        let centers: Vec<_> = reach.centers().into_iter().flatten().copied().collect();
        let existing = center_rows::existing_centers(&tx, centers.iter().copied()).await?;
        if let Err(refusal) = command.decide(&existing) {
            return Ok(Err(refusal));
        }
        let text = random_api_key()?;
        let scopes: Vec<_> = command.grant.scopes().iter().map(ToString::to_string).collect();
        let row = ApiKeyRow {
            id: command.id.uuid(),
            name: command.name.as_str().to_owned(),
            prefix: text.prefix().to_string(),
            digest: text.digest().bytes().to_vec(),
            role: command.grant.role().to_string(),
            scopes: scopes.join(" "),
            all_centers: reach.centers().is_none(),
            created_at: self.clock.now(),
            created_by: permit.authority().actor().to_string(),
            expires_at: command.expires_at,
            revoked_at: None,
            replaced_by: None,
            last_used_at: None,
        };
        insert_api_key(&tx, &row, &centers).await?;
        tx.commit().await?;
        tracing::info!(key = row.prefix, by = row.created_by, role = row.role, "an API key was created");
        Ok(Ok(IssuedApiKey { row, text }))
    }
}
