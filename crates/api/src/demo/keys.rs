//! The API keys of the demo: one for each role, and two for the tabs that rotate and revoke a key.

use std::collections::BTreeSet;

use domain::{
    Actor, ApiKeyForm, GrantForm,
    access::{Access, Role, Scope},
    commands::create_api_key::CreateApiKey,
};
use persistence::{Store, StoreError};

use super::seed::{api_key, center};

/// A key of the demo in plain text.
pub(super) struct DemoKey {
    pub(super) name: &'static str,
    pub(super) text: String,
}

/// The keys. The first [`SHOWN`] are printed.
const KEYS: [(&str, Role, &[Scope]); 5] = [
    ("admin", Role::Admin, &[]),
    ("staff of one center", Role::Staff, &[]),
    ("partner of one center", Role::Partner, &[Scope::GuestsRead, Scope::RegistrationsRead, Scope::RegistrationsWrite]),
    ("a till that gets a new key", Role::Staff, &[]),
    ("a tablet that was lost", Role::Staff, &[]),
];
const SHOWN: usize = 3;

pub(super) async fn create(store: &Store) -> Result<Vec<DemoKey>, StoreError> {
    let Ok(permit) = Access::unlimited(Actor::System).permit() else { return Ok(Vec::new()) };
    let mut keys = Vec::new();
    for (number, (name, role, scopes)) in KEYS.into_iter().enumerate() {
        let grant = GrantForm {
            role,
            scopes: scopes.iter().copied().collect::<BTreeSet<_>>(),
            centers: (role != Role::Admin).then(|| vec![center(0).to_string()]),
        };
        let form = ApiKeyForm { name: name.to_owned(), grant, expires_at: None };
        let Ok(command) = CreateApiKey::parse(form, api_key(number), store.clock().now()) else { continue };
        if let (Ok(key), true) = (store.create_api_key(command, &permit).await?, number < SHOWN) {
            keys.push(DemoKey { name, text: key.text.reveal() });
        }
    }
    Ok(keys)
}
