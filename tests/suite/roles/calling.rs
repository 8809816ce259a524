//! The documented call keeps to the same roles as the fields that do the same.

use api::root_fields;
use axum::http::Method;
use domain::access::{Role, Scope};
use macro_rules_attribute::apply;
use serde_json::{Value, json};
use tests::{Answer, Client, TestApp, on_each_database};

use super::World;

/// Each call with the root field that does the same, about ids that name nothing.
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
async fn each_role_may_call_what_it_may_ask_the_graph_for(app: TestApp) {
    let world = World::new(app).await;
    for (field, method, path) in CALLS {
        let needs = root_fields().iter().find(|root| root.name == field).unwrap().access;
        for role in Role::ALL {
            let answer = world.with_role(*role).call(method.clone(), path, None).await;
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
    let world = World::new(app).await;
    let path = format!("/v1/workshops/{}/registrations", world.shared.id);
    for scope in Scope::ALL {
        let partner = world.partner(&[*scope]);
        let reads = matches!(scope, Scope::RegistrationsRead | Scope::RegistrationsWrite);
        let read = partner.call(Method::GET, &path, None).await.status.as_u16();
        assert_eq!(read, if reads { 200 } else { 403 }, "{scope}");
        let write = partner.call(Method::POST, &path, None).await.status.as_u16();
        assert_eq!(write, if *scope == Scope::RegistrationsWrite { 400 } else { 403 }, "{scope}");
    }
}

/// The ids of the registrations that are told, with their number and how many there are in each state.
async fn told(client: &Client, path: &str) -> (Vec<Value>, Value, Value) {
    let answer = client.call(Method::GET, path, None).await;
    let ids = answer.told("registrations").as_array().unwrap().iter().map(|it| it["id"].clone()).collect();
    (ids, answer.body["page_info"]["total"].clone(), answer.body["status_count"].clone())
}

#[apply(on_each_database)]
async fn what_is_not_for_the_caller_is_as_if_it_were_not_there(app: TestApp) {
    let world = World::new(app).await;
    let shared = format!("/v1/workshops/{}/registrations", world.shared.id);
    let (ann, dan) = (json!(world.ann.registration), json!(world.dan.registration));
    let staff = world.staff();
    let seated = |number: u32| json!([{ "status": 0, "count": number }]);
    assert_eq!(told(&staff, &shared).await, (vec![ann.clone(), dan], json!(2), seated(2)));
    assert_eq!(told(&world.guest(), &shared).await, (vec![ann], json!(1), seated(1)));
    assert_eq!(told(&world.with_role(Role::Admin), &shared).await.1, 4);
    let there = format!("{shared}?center_id={}", world.there);
    assert_eq!(told(&staff, &there).await, (vec![], json!(0), json!([])));

    let guest = async |client: &Client, guest: &str| {
        client.call(Method::GET, &format!("/v1/guests/{guest}/registrations"), None).await
    };
    let unknown = (400, 502, "Invalid guest_id.");
    assert_eq!(guest(&staff, &world.bob.guest).await.refused("registrations"), unknown);
    assert_eq!(guest(&world.guest(), &world.dan.guest).await.refused("registrations"), unknown);
    assert_eq!(guest(&world.guest(), &world.ann.guest).await.told("registrations").as_array().unwrap().len(), 1);

    let step = async |client: &Client, registration: &str, step: &str| {
        let path = format!("/v1/workshops/{}/registrations/{registration}/{step}", world.shared.id);
        client.call(Method::PUT, &path, None).await
    };
    let answer = step(&staff, &world.cem.registration, "sign_in").await;
    assert_eq!(answer.refused("registrations"), (400, 1004, "The Registration Id passed is not valid"));
    let answer = step(&world.guest(), &world.dan.registration, "cancel").await;
    assert_eq!(answer.refused("registrations"), (400, 1004, "Invalid registration"));
    assert_eq!(step(&world.guest(), &world.ann.registration, "cancel").await.told("registrations")["status"], 1);
}

#[apply(on_each_database)]
async fn a_draft_is_told_to_those_who_see_drafts(app: TestApp) {
    let world = World::new(app).await;
    let one = async |client: &Client, id: &str| client.call(Method::GET, &format!("/v1/workshops/{id}"), None).await;
    let is_invalid = |answer: Answer| answer.refused("workshops") == (400, 1001, "Workshop is invalid");
    let (staff, guest) = (world.staff(), world.guest());
    assert_eq!(one(&staff, &world.draft_here.id).await.told("workshops")["status"], "DRAFT");
    assert!(is_invalid(one(&staff, &world.draft_there.id).await));
    assert!(is_invalid(one(&guest, &world.draft_here.id).await));
    for (client, total) in [(&staff, 3), (&guest, 2), (&world.public(), 2), (&world.with_role(Role::Admin), 4)] {
        let answer = client.call(Method::GET, "/v1/workshops", None).await;
        assert_eq!(answer.body["page_info"], json!({ "total": total, "page": 1, "size": 20 }));
    }
}
