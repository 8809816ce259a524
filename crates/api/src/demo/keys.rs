//! The keys of the demo: one of each role to try, and two for the tabs that replace and revoke one.

use std::collections::BTreeSet;

use domain::{
    Actor, ApiKeyForm, GrantForm,
    access::{Access, Role, Scope},
    commands::create_api_key::CreateApiKey,
};
use persistence::{Store, StoreError};

use super::seed::{api_key, center};

/// A key that was made, and for what.
pub(super) struct DemoKey {
    pub(super) what_for: &'static str,
    pub(super) text: String,
}

/// The keys, with those to try first.
const KEYS: [(&str, Role, &[Scope]); 5] = [
    ("admin", Role::Admin, &[]),
    ("staff of one center", Role::Staff, &[]),
    ("partner of one center", Role::Partner, &[Scope::GuestsRead, Scope::RegistrationsRead, Scope::RegistrationsWrite]),
    ("a till that gets a new key", Role::Staff, &[]),
    ("a tablet that was lost", Role::Staff, &[]),
];
const TO_TRY: usize = 3;

pub(super) async fn make(store: &Store) -> Result<Vec<DemoKey>, StoreError> {
    let Ok(permit) = Access::unlimited(Actor::System).permit() else { return Ok(Vec::new()) };
    let mut made = Vec::new();
    for (number, (what_for, role, scopes)) in KEYS.into_iter().enumerate() {
        let grant = GrantForm {
            role,
            scopes: scopes.iter().copied().collect::<BTreeSet<_>>(),
            centers: (role != Role::Admin).then(|| vec![center(0).to_string()]),
        };
        let form = ApiKeyForm { name: what_for.to_owned(), grant, expires_at: None };
        let Ok(command) = CreateApiKey::parse(form, api_key(number), store.clock().now()) else { continue };
        if let (Ok(key), true) = (store.create_api_key(command, &permit).await?, number < TO_TRY) {
            made.push(DemoKey { what_for, text: key.text.reveal() });
        }
    }
    Ok(made)
}
