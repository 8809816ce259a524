//! The table of root fields and roles: it is complete, the schema documents it, and the server enforces it.

use std::collections::BTreeSet;

use api::{FieldAccess, root_fields};
use domain::access::Role;
use macro_rules_attribute::apply;
use serde_json::{Map, Value, json};
use tests::{Client, TestApp, on_each_database};

use super::{Fixture, denied};
use crate::subscriptions::wait_for_followers;

const ROOTS: &str = "{ __schema {
    queryType { ...Fields } mutationType { ...Fields } subscriptionType { ...Fields }
    types { name kind isOneOf enumValues { name } inputFields { name defaultValue type { ...Type } } }
} }
fragment Fields on __Type { fields { name description args { name defaultValue type { ...Type } } type { ...Type } } }
fragment Type on __Type { kind name ofType { kind name ofType { kind name ofType { kind name } } } }";

/// The introspected schema.
struct Graph(Value);

impl Graph {
    async fn of(client: &Client) -> Self {
        Self(client.graphql(ROOTS, &Value::Null).await.data()["__schema"].clone())
    }

    /// The root fields with their kinds of operation, without those for federation gateways.
    fn roots(&self) -> Vec<(&'static str, &Value)> {
        let kinds = [("query", "queryType"), ("mutation", "mutationType"), ("subscription", "subscriptionType")];
        let fields = kinds
            .into_iter()
            .flat_map(|(kind, name)| self.0[name]["fields"].as_array().unwrap().iter().map(move |field| (kind, field)));
        fields.filter(|(_, field)| !field["name"].as_str().unwrap().starts_with('_')).collect()
    }

    /// A value of this type that finds nothing.
    fn value(&self, of: &Value) -> Value {
        match (of["kind"].as_str().unwrap(), of["name"].as_str()) {
            ("NON_NULL", _) => self.value(&of["ofType"]),
            ("LIST", _) => json!([]),
            ("SCALAR", Some("Int")) => json!(1),
            ("SCALAR", Some("Boolean")) => json!(false),
            ("SCALAR", Some("DateTime")) => json!("2027-03-01T09:00:00Z"),
            ("SCALAR", Some("Date")) => json!("2027-03-01"),
            ("SCALAR", Some("TimeZone")) => json!("Europe/Berlin"),
            ("SCALAR", _) => json!("nothing"),
            (_, name) => {
                let kind =
                    self.0["types"].as_array().unwrap().iter().find(|kind| kind["name"].as_str() == name).unwrap();
                let Some(fields) = kind["inputFields"].as_array() else { return kind["enumValues"][0]["name"].clone() };
                if kind["isOneOf"] == true {
                    let first = &fields[0];
                    return json!({ first["name"].as_str().unwrap(): self.value(&first["type"]) });
                }
                self.required(fields).into()
            }
        }
    }

    /// Values for the required ones of these arguments or fields.
    fn required(&self, given: &[Value]) -> Map<String, Value> {
        let required = given.iter().filter(|it| it["type"]["kind"] == "NON_NULL" && it["defaultValue"].is_null());
        required.map(|it| (it["name"].as_str().unwrap().to_owned(), self.value(&it["type"]))).collect()
    }

    /// The cheapest operation that selects this field.
    fn operation(&self, kind: &str, field: &Value) -> (String, Value) {
        let given = self.required(field["args"].as_array().unwrap());
        let args: Vec<_> = field["args"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|arg| given.contains_key(arg["name"].as_str().unwrap()))
            .collect();
        let typed = |of: &Value| written(of);
        let declared: Vec<_> =
            args.iter().map(|arg| format!("${}: {}", arg["name"].as_str().unwrap(), typed(&arg["type"]))).collect();
        let passed: Vec<_> = args.iter().map(|arg| format!("{0}: ${0}", arg["name"].as_str().unwrap())).collect();
        let wrap = |all: Vec<String>| if all.is_empty() { String::new() } else { format!("({})", all.join(", ")) };
        let name = field["name"].as_str().unwrap();
        let document = format!("{kind} {} {{ {name}{} {{ __typename }} }}", wrap(declared), wrap(passed));
        (document, given.into())
    }
}

/// A type as a document writes it.
fn written(of: &Value) -> String {
    match of["kind"].as_str().unwrap() {
        "NON_NULL" => format!("{}!", written(&of["ofType"])),
        "LIST" => format!("[{}]", written(&of["ofType"])),
        _ => of["name"].as_str().unwrap().to_owned(),
    }
}

fn needs(name: &str) -> FieldAccess {
    root_fields().iter().find(|field| field.name == name).unwrap_or_else(|| panic!("{name} is not in the table")).access
}

#[test]
fn the_committed_table_is_current() {
    let committed = include_str!("../../../docs/roles.md");
    assert!(committed == api::roles(), "docs/roles.md is stale: run `just generate`");
}

#[apply(on_each_database)]
async fn every_root_field_is_in_the_table_and_its_description(app: TestApp) {
    let graph = Graph::of(&app.client()).await;
    let names: BTreeSet<_> =
        graph.roots().iter().map(|(_, field)| field["name"].as_str().unwrap().to_owned()).collect();
    assert_eq!(names, root_fields().iter().map(|field| field.name.clone()).collect());
    for (kind, field) in graph.roots() {
        let (name, description) = (field["name"].as_str().unwrap(), field["description"].as_str().unwrap());
        let description = description.split_whitespace().collect::<Vec<_>>().join(" ");
        match needs(name).sentence() {
            Some(sentence) => assert!(description.ends_with(&sentence), "{kind} {name}: {sentence}"),
            None => assert!(!description.contains("Roles: "), "{kind} {name} is public"),
        }
    }
}

#[apply(on_each_database)]
async fn each_role_can_use_the_root_fields_in_the_table(app: TestApp) {
    let world = Fixture::new(app).await;
    let graph = Graph::of(&world.app.client()).await;
    for role in Role::ALL {
        let client = world.with_role(*role);
        for (kind, field) in graph.roots().into_iter().filter(|(kind, _)| *kind != "subscription") {
            let (document, variables) = graph.operation(kind, field);
            let answer = client.graphql(&document, &variables).await;
            let name = field["name"].as_str().unwrap();
            let expected = match (needs(name).admit(*role), role) {
                (true, _) => None,
                (false, Role::Public) => Some("UNAUTHENTICATED"),
                (false, _) => Some("FORBIDDEN"),
            };
            assert_eq!(denied(&answer.body), expected, "{name} as {role}: {:#}", answer.body);
        }
    }
}

#[apply(on_each_database)]
async fn each_role_can_use_the_subscriptions_in_the_table(app: TestApp) {
    let world = Fixture::new(app).await;
    let seats = "subscription ($id: ID!) { workshopSeats(workshopId: $id) { seatsTaken } }";
    let changes = "subscription { changes { kind registration { guest { givenName } } } }";
    for role in Role::ALL {
        let client = world.with_role(*role);
        let mut told = client.subscribe(seats, &json!({ "id": world.shared.id })).await;
        assert_eq!(told.expect_data().await["seatsTaken"], 3, "{role}");
        drop(told);
        let mut followed = client.subscribe(changes, &Value::Null).await;
        if *role == Role::Public {
            assert_eq!(denied(&followed.answer().await), Some("UNAUTHENTICATED"));
            continue;
        }
        let told = tokio::spawn(async move { followed.expect_data().await });
        wait_for_followers(&world.app, 0, 1).await;
        // Ann belongs to `here` and is the guest herself, so every role sees her check-in.
        let came = world.app.on(&json!({ "id": world.ann.registration }), "checkInGuest", "").await;
        assert_eq!(came.registration()["status"], "SIGNED_IN");
        assert_eq!(told.await.unwrap()["registration"]["guest"]["givenName"], "ann", "{role}");
        world.app.on(&json!({ "id": world.ann.registration }), "undoCheckIn", "").await.registration();
    }
}

#[apply(on_each_database)]
async fn a_partner_without_the_scope_is_refused(app: TestApp) {
    use domain::access::Scope::{GuestsRead, GuestsWrite, RegistrationsRead, RegistrationsWrite, WorkshopsWrite};
    let world = Fixture::new(app).await;
    let graph = Graph::of(&world.app.client()).await;
    let asked = [
        "guests",
        "registrations",
        "changes",
        "statistics",
        "registerGuest",
        "checkInGuest",
        "createGuest",
        "updateGuest",
        "createWorkshop",
        "createCenter",
    ];
    for (scope, allowed) in [
        (GuestsRead, vec!["guests"]),
        (GuestsWrite, vec!["guests", "createGuest", "updateGuest"]),
        (RegistrationsRead, vec!["guests", "registrations", "changes", "statistics"]),
        (RegistrationsWrite, vec!["guests", "registrations", "changes", "statistics", "registerGuest", "checkInGuest"]),
        (WorkshopsWrite, vec!["createWorkshop"]),
    ] {
        let client = world.partner(&[scope]);
        for (kind, field) in graph.roots().into_iter().filter(|(kind, _)| *kind != "subscription") {
            let name = field["name"].as_str().unwrap();
            if asked.contains(&name) {
                let (document, variables) = graph.operation(kind, field);
                let answer = client.graphql(&document, &variables).await;
                assert_eq!(denied(&answer.body).is_none(), allowed.contains(&name), "{name} with {scope}");
            }
        }
    }
}
