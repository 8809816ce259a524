//! The REST API has the same roles as the GraphQL fields for the same actions.

use api::root_fields;
use axum::http::Method;
use domain::access::{Role, Scope};
use macro_rules_attribute::apply;
use serde_json::{Value, json};
use tests::{Answer, Client, TestApp, on_each_database};

use super::Fixture;

/// Each REST request with the GraphQL field for the same action, on ids that do not exist.
const CALLS: [(&str, Method, &str); 8] = [
    ("workshops", Method::GET, "/v1/workshops"),
    ("workshop", Method::GET, "/v1/workshops/none"),
    ("registerGuest", Method::POST, "/v1/workshops/none/registrations"),
    ("registrations", Method::GET, "/v1/workshops/none/registrations"),
    ("checkInGuest", Method::PUT, "/v1/workshops/none/registrations/none/sign_in"),
    ("undoCheckIn", Method::PUT, "/v1/workshops/none/registrations/none/undo_sign_in"),
    ("cancelRegistration", Method::PUT, "/v1/workshops/none/registrations/none/cancel"),
    ("registrations", Method::GET, "/v1/guests/none/registrations"),
];

#[apply(on_each_database)]
async fn each_role_has_the_same_access_as_in_graphql(app: TestApp) {
    let fixture = Fixture::new(app).await;
    for (field, method, path) in CALLS {
        let needs = root_fields().iter().find(|root| root.name == field).unwrap().access;
        for role in Role::ALL {
            let answer = fixture.with_role(*role).call(method.clone(), path, None).await;
            let (status, role) = (answer.status.as_u16(), *role);
            match (needs.admit(role), role) {
                (true, _) => assert!(matches!(status, 200 | 400), "{path} as {role:?}: {status}"),
                (false, Role::Public) => {
                    assert_eq!((status, answer.body["error"]["code"].as_i64()), (401, Some(2401)), "{path}");
                    let challenge = answer.header("www-authenticate").unwrap();
                    assert!(challenge.contains("apikey") && challenge.contains("Bearer"), "{challenge}");
                }
                (false, _) => {
                    assert_eq!(
                        (status, answer.body["error"]["code"].as_i64()),
                        (403, Some(2403)),
                        "{path} as {role:?}"
                    );
                }
            }
        }
    }
}

#[apply(on_each_database)]
async fn a_partner_needs_the_scope(app: TestApp) {
    let fixture = Fixture::new(app).await;
    let path = format!("/v1/workshops/{}/registrations", fixture.shared.id);
    for scope in Scope::ALL {
        let partner = fixture.partner(&[*scope]);
        let reads = matches!(scope, Scope::RegistrationsRead | Scope::RegistrationsWrite);
        let read = partner.call(Method::GET, &path, None).await.status.as_u16();
        assert_eq!(read, if reads { 200 } else { 403 }, "{scope}");
        let write = partner.call(Method::POST, &path, None).await.status.as_u16();
        assert_eq!(write, if *scope == Scope::RegistrationsWrite { 400 } else { 403 }, "{scope}");
    }
}

/// The ids of the listed registrations, their total, and the count of each status.
async fn listed(client: &Client, path: &str) -> (Vec<Value>, Value, Value) {
    let answer = client.call(Method::GET, path, None).await;
    let ids = answer.expect_data("registrations").as_array().unwrap().iter().map(|it| it["id"].clone()).collect();
    (ids, answer.body["page_info"]["total"].clone(), answer.body["status_count"].clone())
}

#[apply(on_each_database)]
async fn rows_that_a_caller_cannot_see_are_excluded(app: TestApp) {
    let fixture = Fixture::new(app).await;
    let shared = format!("/v1/workshops/{}/registrations", fixture.shared.id);
    let (ann, dan) = (json!(fixture.ann.registration), json!(fixture.dan.registration));
    let staff = fixture.staff();
    let seated = |number: u32| json!([{ "status": 0, "count": number }]);
    assert_eq!(listed(&staff, &shared).await, (vec![ann.clone(), dan], json!(2), seated(2)));
    assert_eq!(listed(&fixture.guest(), &shared).await, (vec![ann], json!(1), seated(1)));
    assert_eq!(listed(&fixture.with_role(Role::Admin), &shared).await.1, 4);
    let there = format!("{shared}?center_id={}", fixture.there);
    assert_eq!(listed(&staff, &there).await, (vec![], json!(0), json!([])));

    let guest = async |client: &Client, guest: &str| {
        client.call(Method::GET, &format!("/v1/guests/{guest}/registrations"), None).await
    };
    let unknown = (400, 502, "Invalid guest_id.");
    assert_eq!(guest(&staff, &fixture.bob.guest).await.expect_error("registrations"), unknown);
    assert_eq!(guest(&fixture.guest(), &fixture.dan.guest).await.expect_error("registrations"), unknown);
    assert_eq!(
        guest(&fixture.guest(), &fixture.ann.guest).await.expect_data("registrations").as_array().unwrap().len(),
        1
    );

    let step = async |client: &Client, registration: &str, step: &str| {
        let path = format!("/v1/workshops/{}/registrations/{registration}/{step}", fixture.shared.id);
        client.call(Method::PUT, &path, None).await
    };
    let answer = step(&staff, &fixture.cem.registration, "sign_in").await;
    assert_eq!(answer.expect_error("registrations"), (400, 1004, "The Registration Id passed is not valid"));
    let answer = step(&fixture.guest(), &fixture.dan.registration, "cancel").await;
    assert_eq!(answer.expect_error("registrations"), (400, 1004, "Invalid registration"));
    assert_eq!(
        step(&fixture.guest(), &fixture.ann.registration, "cancel").await.expect_data("registrations")["status"],
        1
    );
}

#[apply(on_each_database)]
async fn drafts_are_visible_only_to_roles_that_see_drafts(app: TestApp) {
    let fixture = Fixture::new(app).await;
    let one = async |client: &Client, id: &str| client.call(Method::GET, &format!("/v1/workshops/{id}"), None).await;
    let is_invalid = |answer: Answer| answer.expect_error("workshops") == (400, 1001, "Workshop is invalid");
    let (staff, guest) = (fixture.staff(), fixture.guest());
    assert_eq!(one(&staff, &fixture.draft_here.id).await.expect_data("workshops")["status"], "DRAFT");
    assert!(is_invalid(one(&staff, &fixture.draft_there.id).await));
    assert!(is_invalid(one(&guest, &fixture.draft_here.id).await));
    for (client, total) in [(&staff, 3), (&guest, 2), (&fixture.public(), 2), (&fixture.with_role(Role::Admin), 4)] {
        let answer = client.call(Method::GET, "/v1/workshops", None).await;
        assert_eq!(answer.body["page_info"], json!({ "total": total, "page": 1, "size": 20 }));
    }
}
