use std::collections::BTreeSet;

use domain::{
    GrantForm,
    access::{Role, Scope},
};

/// An API key, as its holder has it.
#[derive(Clone, Debug)]
pub struct ApiKey {
    pub id: String,
    pub prefix: String,
    pub text: String,
}

impl ApiKey {
    /// As it is sent.
    pub fn authorization(&self) -> String {
        format!("apikey {}", self.text)
    }
}

/// What an ADMIN may.
pub fn admin() -> GrantForm {
    GrantForm { role: Role::Admin, scopes: BTreeSet::new(), centers: None }
}

/// What STAFF of a center may.
pub fn staff_of(center: &str) -> GrantForm {
    GrantForm { role: Role::Staff, scopes: BTreeSet::new(), centers: Some(vec![center.to_owned()]) }
}

/// What a PARTNER may, everywhere.
pub fn partner(scopes: &[Scope]) -> GrantForm {
    GrantForm { role: Role::Partner, scopes: scopes.iter().copied().collect(), centers: None }
}
