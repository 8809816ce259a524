use std::collections::BTreeSet;

use domain::{
    GrantForm,
    access::{Role, Scope},
};

/// An API key with its secret text.
#[derive(Clone, Debug)]
pub struct ApiKey {
    pub id: String,
    pub prefix: String,
    pub text: String,
}

impl ApiKey {
    /// The value of the `authorization` header.
    pub fn authorization(&self) -> String {
        format!("apikey {}", self.text)
    }
}

/// The grant of an ADMIN.
pub fn admin() -> GrantForm {
    GrantForm { role: Role::Admin, scopes: BTreeSet::new(), centers: None }
}

/// The grant of STAFF at a center.
pub fn staff_of(center: &str) -> GrantForm {
    GrantForm { role: Role::Staff, scopes: BTreeSet::new(), centers: Some(vec![center.to_owned()]) }
}

/// The grant of a PARTNER at all centers.
pub fn partner(scopes: &[Scope]) -> GrantForm {
    GrantForm { role: Role::Partner, scopes: scopes.iter().copied().collect(), centers: None }
}
