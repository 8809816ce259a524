//! Personal data: every field of it, as every role.

use domain::access::{Access, Role};
use macro_rules_attribute::apply;
use serde_json::{Value, json};
use tests::{Client, TestApp, on_each_database};

use super::{Fixture, RegisteredGuest, denied};

/// The fields with personal data.
const GUEST: &str = "query ($id: ID!) { guest(by: { id: $id }) {
    id externalId givenName familyName email phone homeCenter { id } registrations { totalCount nodes { id } } } }";
const REGISTRATION: &str = "query ($id: ID!) { registration(id: $id) {
    id status note registeredAt promotedAt checkedInAt cancelledAt cancelReason waitlistPosition fromWaitlist
    guest { givenName } history { totalCount nodes { id kind actor at } } } }";

/// Whether a client sees a guest. All fields that lead to the guest must agree.
async fn sees(client: &Client, subject: &RegisteredGuest) -> bool {
    let guest = client.graphql(GUEST, &json!({ "id": subject.guest })).await;
    let registration = client.graphql(REGISTRATION, &json!({ "id": subject.registration })).await;
    let node = "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }";
    let nodes = client.graphql(node, &json!({ "ids": [subject.guest, subject.registration] })).await;
    let nodes = nodes.field().as_array().unwrap();
    let found = |answer: &Value, field: &str| match denied(answer) {
        Some(_) => false,
        None => !answer["data"][field].is_null(),
    };
    let seen = found(&guest.body, "guest");
    assert_eq!(found(&registration.body, "registration"), seen);
    assert!(nodes.iter().all(|node| node.is_null() != seen), "{nodes:?}");
    if seen {
        assert_eq!(guest.field()["registrations"]["totalCount"], 1);
        assert!(registration.field()["guest"]["givenName"].is_string());
        assert_eq!(registration.field()["history"]["totalCount"], 1);
    }
    seen
}

#[apply(on_each_database)]
async fn personal_data_is_visible_only_to_the_documented_roles(app: TestApp) {
    let fixture = Fixture::new(app).await;
    let guests = [("ann", &fixture.ann), ("dan", &fixture.dan), ("cem", &fixture.cem), ("bob", &fixture.bob)];
    for (role, seen) in [
        (Role::Admin, &["ann", "dan", "cem", "bob"][..]),
        (Role::Staff, &["ann", "dan"]),
        (Role::Partner, &["ann", "dan"]),
        (Role::Guest, &["ann"]),
        (Role::Public, &[]),
    ] {
        let client = fixture.with_role(role);
        for (name, subject) in guests {
            assert_eq!(sees(&client, subject).await, seen.contains(&name), "{name} as {role}");
        }
    }
    let bob = fixture.app.client_with_access(Access::guest(fixture.bob.guest.parse().unwrap()));
    assert!(sees(&bob, &fixture.bob).await && !sees(&bob, &fixture.ann).await);
}
