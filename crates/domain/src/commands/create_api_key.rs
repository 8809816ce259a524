//! Creates an API key.

use std::collections::HashSet;

use super::refusal;
use crate::{
    ApiKeyForm, ApiKeyId, ApiKeyName, CenterId, Timestamp,
    access::Grant,
    problems::{CenterInvalid, InputInvalid},
};

/// Creates an API key.
#[derive(Clone, Debug)]
pub struct CreateApiKey {
    /// The id of the new key.
    pub id: ApiKeyId,
    /// The name.
    pub name: ApiKeyName,
    /// The rights of the key.
    pub grant: Grant,
    /// The expiry; `None` is never.
    pub expires_at: Option<Timestamp>,
}

refusal! {
    /// The problems of this command, in the order of the checks.
    CreateApiKeyRefusal { InputInvalid, CenterInvalid }
}

impl CreateApiKey {
    /// Validates the form.
    pub fn parse(form: ApiKeyForm, id: ApiKeyId, now: Timestamp) -> Result<Self, InputInvalid> {
        let expires_at = form.expires_at;
        let (name, grant) = form.parse(now)?;
        Ok(Self { id, name, grant, expires_at })
    }

    /// Decides; `existing` has those centers of the grant that exist.
    pub fn decide(&self, existing: &HashSet<CenterId>) -> Result<(), CreateApiKeyRefusal> {
        let all_exist =
            self.grant.reach().centers().is_none_or(|centers| centers.iter().all(|id| existing.contains(id)));
        if all_exist { Ok(()) } else { Err(CenterInvalid.into()) }
    }
}
