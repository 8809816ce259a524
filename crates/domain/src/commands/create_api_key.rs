//! Make an API key.

use std::collections::HashSet;

use super::refusal;
use crate::{
    ApiKeyForm, ApiKeyId, ApiKeyName, CenterId, Timestamp,
    access::Grant,
    problems::{CenterInvalid, InputInvalid},
};

/// A key to make.
#[derive(Clone, Debug)]
pub struct CreateApiKey {
    /// The id that it gets.
    pub id: ApiKeyId,
    /// What it is called.
    pub name: ApiKeyName,
    /// What it allows.
    pub grant: Grant,
    /// When it expires; `None`: never.
    pub expires_at: Option<Timestamp>,
}

refusal! {
    /// The problems this command can meet, in the order in which they are looked for.
    CreateApiKeyRefusal { InputInvalid, CenterInvalid }
}

impl CreateApiKey {
    /// The command, unless something is wrong with the form.
    pub fn parse(form: ApiKeyForm, id: ApiKeyId, now: Timestamp) -> Result<Self, InputInvalid> {
        let expires_at = form.expires_at;
        let (name, grant) = form.parse(now)?;
        Ok(Self { id, name, grant, expires_at })
    }

    /// Decides; `known` are those of its centers that there are.
    pub fn decide(&self, known: &HashSet<CenterId>) -> Result<(), CreateApiKeyRefusal> {
        let all = self.grant.reach().centers().is_none_or(|centers| centers.iter().all(|id| known.contains(id)));
        if all { Ok(()) } else { Err(CenterInvalid.into()) }
    }
}
