//! Every page of a list is read through an index that was created for it, not through a table scan.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use domain::{
    Actor,
    access::{Access, Grant, Role},
};
use macro_rules_attribute::apply;
use serde_json::{Value, json};
use tests::{Backend, Client, TestApp, a_workshop, on_each_database};

use crate::journal::wait_for_entries;

/// A list field, and the indexes that the database can use for its pages.
struct Expected {
    field: String,
    indexes: &'static [&'static str],
    /// Whether the index has the order of the list, so that only the rows of the page are read.
    in_order: bool,
}

fn expected(workshop: &str, center: &str, guest: &str, registration: &str, track: i32) -> Vec<Expected> {
    let in_order = |field: &str, index: &'static [&'static str]| Expected {
        field: field.to_owned(),
        indexes: index,
        in_order: true,
    };
    let sorted = |field: &str, index: &'static [&'static str]| Expected { in_order: false, ..in_order(field, index) };
    vec![
        in_order("workshops(PAGE)", &["workshops_by_start"]),
        in_order("workshops(PAGE, orderBy: { field: TITLE, direction: DESC })", &["workshops_by_title"]),
        sorted("workshops(PAGE, filter: { status: [PUBLISHED] })", &["workshops_by_stage", "workshops_by_start"]),
        sorted("workshops(PAGE, filter: { registrationState: [OPEN] })", &["workshops_by_stage", "workshops_by_start"]),
        sorted(
            r#"workshops(PAGE, filter: { status: [PUBLISHED], period: { from: "2027-03-01T00:00:00Z", until: "2027-03-08T00:00:00Z" } })"#,
            &["sessions_by_end"],
        ),
        sorted(
            r#"workshops(PAGE, filter: { onDates: { from: "2027-03-01", to: "2027-03-07" } })"#,
            &["sessions_by_end"],
        ),
        sorted(r#"workshops(PAGE, filter: { text: "raku mü" })"#, &["words_pkey", "sqlite_autoindex_search_words_1"]),
        sorted(&format!("workshops(PAGE, filter: {{ centerId: {center:?} }})"), &["workshops_by_center"]),
        sorted(
            &format!("workshops(PAGE, filter: {{ centerId: {center:?}, registrationState: [OPEN] }})"),
            &["workshops_by_center", "workshops_by_stage", "workshops_by_start"],
        ),
        sorted(&format!("center(id: {center:?}) {{ workshops(PAGE)"), &["workshops_by_center", "workshops_by_start"]),
        in_order("guests(PAGE)", &["guests_by_name"]),
        in_order(&format!("guests(PAGE, filter: {{ homeCenterId: {center:?} }})"), &["guests_by_home_center"]),
        sorted(r#"guests(PAGE, filter: { text: "ann mue" })"#, &["words_pkey", "sqlite_autoindex_search_words_1"]),
        sorted(
            r#"guests(PAGE, filter: { externalId: "a" })"#,
            &["guests_external_id_key", "sqlite_autoindex_guests_2"],
        ),
        in_order("centers(PAGE)", &["centers_by_name"]),
        in_order("registrations(PAGE)", &["registrations_by_time"]),
        in_order(&format!("registrations(PAGE, filter: {{ centerId: {center:?} }})"), &["registrations_by_center"]),
        in_order(&format!("registrations(PAGE, filter: {{ trackId: {track} }})"), &["registrations_by_workshop"]),
        in_order(&format!("workshop(id: {workshop:?}) {{ registrations(PAGE)"), &["registrations_by_workshop"]),
        in_order(
            &format!(
                "workshop(id: {workshop:?}) {{ registrations(PAGE, filter: {{ status: [REGISTERED, SIGNED_IN] }})"
            ),
            &["registrations_by_workshop"],
        ),
        sorted(
            &format!(
                "workshop(id: {workshop:?}) {{ registrations(PAGE, filter: {{ status: [WAITLISTED] }}, orderBy: {{ field: WAITLIST_POSITION }})"
            ),
            &["registrations_line"],
        ),
        in_order(
            &format!("guest(by: {{ id: {guest:?} }}) {{ registrations(PAGE, filter: {{ when: UPCOMING }})"),
            &["registrations_by_guest"],
        ),
        sorted("workshops { nodes { registrations(PAGE)", &["registrations_by_workshop"]),
        in_order("changes(PAGE)", &["journal_by_position"]),
        in_order(&format!("changes(PAGE, filter: {{ workshopId: {workshop:?} }})"), &["journal_by_workshop"]),
        sorted(
            &format!("changes(PAGE, filter: {{ registrationId: {registration:?} }})"),
            &["journal_by_registration", "journal_by_position"],
        ),
        in_order(&format!("registration(id: {registration:?}) {{ history(PAGE)"), &["journal_by_registration"]),
    ]
}

/// Runs a query. Returns its data and the plan of its last statement.
async fn plan(app: &TestApp, client: &Client, query: &str, in_order: bool) -> (Value, String) {
    let (statements, answer) = app.statement_texts(client.graphql(query, &Value::Null)).await;
    let statement = statements.last().unwrap_or_else(|| panic!("no statement for {query}"));
    (answer.data().clone(), plan_of(app, statement, in_order).await)
}

/// The plan of a statement, which must not scan a table.
async fn plan_of(app: &TestApp, statement: &str, in_order: bool) -> String {
    let plan = app.database.plan(statement, !in_order).await;
    let scans: Vec<_> = plan
        .iter()
        .filter(|line| match app.backend() {
            // A walk along an index ends with the page; the excluded scans read rows that were already found.
            Backend::Sqlite => {
                let found_before = line.starts_with("SCAN numbered") || line.starts_with("SCAN (subquery");
                line.starts_with("SCAN") && !line.contains(" USING ") && !found_before
            }
            Backend::Postgres => line.contains("Seq Scan"),
        })
        .collect();
    assert_eq!(scans, [&""; 0], "{statement}\n{plan:#?}");
    plan.join("\n")
}

/// The first `endCursor` in a response, at any depth.
fn cursor(answer: &Value) -> Option<&str> {
    match answer {
        Value::Object(fields) => match fields.get("endCursor") {
            Some(cursor) => cursor.as_str(),
            None => fields.values().find_map(cursor),
        },
        Value::Array(items) => items.iter().find_map(cursor),
        _ => None,
    }
}

#[apply(on_each_database)]
async fn every_page_uses_an_index(app: TestApp) {
    let center = app.center("A center").await;
    let workshop = app.given_at(center, a_workshop().title("Raku").sessions([TimeDelta::days(1)])).await;
    app.given_at(center, a_workshop()).await;
    let registration = app.register(&workshop, "a").await.registration()["id"].as_str().unwrap().to_owned();
    let guest = app.guest("a").await;
    app.waitlist(&workshop, "müller").await.registration();
    let all = expected(&workshop.id, &workshop.center, &guest, &registration, workshop.tracks[0]);
    for Expected { field, indexes, in_order } in all {
        let selected = "{ pageInfo { endCursor } }";
        let open = field.matches('{').count() - field.matches('}').count();
        let query = |page: &str| format!("{{ {} {selected} {} }}", field.replace("PAGE", page), "}".repeat(open));
        let (answer, first) = plan(&app, &app.client(), &query("first: 20"), in_order).await;
        let mut plans = vec![first];
        if let Some(cursor) = cursor(&answer) {
            plans.push(plan(&app, &app.client(), &query(&format!("first: 20, after: {cursor:?}")), in_order).await.1);
            if !field.contains("changes") && !field.contains("history") {
                plans.push(
                    plan(&app, &app.client(), &query(&format!("last: 20, before: {cursor:?}")), in_order).await.1,
                );
            }
        }
        for plan in plans {
            assert!(indexes.iter().any(|index| plan.contains(index)), "{field}\n{plan}");
            let is_sorted = plan.contains("TEMP B-TREE") || plan.contains("> Sort ");
            assert!(!(in_order && is_sorted), "{field}\n{plan}");
        }
    }
}

#[apply(on_each_database)]
async fn current_workshops_are_found_without_scanning_completed_ones(app: TestApp) {
    for (title, sessions) in [("Over", [-90, -80]), ("Long", [-200, 1]), ("To come", [2, 3])] {
        app.given(a_workshop().title(title).sessions(sessions.map(TimeDelta::days)).window(None, None)).await;
    }
    for filter in ["status: [PUBLISHED]", "registrationState: [OPEN, FULL]", "registrationState: [WAITLIST_ONLY]"] {
        let query = format!("{{ workshops(filter: {{ {filter} }}) {{ nodes {{ title }} }} }}");
        let (answer, plan) = plan(&app, &app.client(), &query, false).await;
        if filter.starts_with("status") {
            assert_eq!(answer["workshops"]["nodes"], json!([{ "title": "Long" }, { "title": "To come" }]));
        }
        assert_eq!(plan.contains("workshops_by_length"), app.backend() == Backend::Postgres, "{plan}");
    }
    let (_, plan) =
        plan(&app, &app.client(), "{ workshops(filter: { status: [COMPLETED] }) { nodes { id } } }", false).await;
    assert!(!plan.contains("workshops_by_length"), "{plan}");
}

#[apply(on_each_database)]
async fn lists_restricted_to_a_center_or_a_guest_use_an_index(app: TestApp) {
    let center = app.center("A center").await;
    let workshop = app.given_at(center, a_workshop()).await;
    app.register(&workshop, "ann").await.registration();
    let grant = Grant::new(Role::Staff, BTreeSet::new(), Some(BTreeSet::from([center]))).unwrap();
    let staff = app.client_with_access(Access::granted(Actor::System, &grant));
    let guest = app.client_for_guest("ann").await;
    wait_for_entries(&app, 1).await;
    for (client, field, index) in [
        (&staff, "registrations", "registrations_by_center"),
        (&staff, "changes", "journal_by_center"),
        (&staff, "guests", "guests_by_name"),
        (&staff, "workshops", "workshops_by_start"),
        (&guest, "registrations", "registrations_by_guest"),
        (&guest, "changes", "journal_by_guest"),
    ] {
        let page = |page: &str| format!("{{ {field}({page}) {{ pageInfo {{ endCursor }} }} }}");
        let (answer, first) = plan(&app, client, &page("first: 20"), true).await;
        let after = cursor(&answer).unwrap_or_else(|| panic!("{field} returned no rows"));
        let (_, next) = plan(&app, client, &page(&format!("first: 20, after: {after:?}")), true).await;
        for plan in [first, next] {
            assert!(plan.contains(index), "{field}\n{plan}");
        }
    }
}

/// The pages that `just bench-reads` measures.
const LIST: &str = include_str!("../../../benches/src/List.graphql");
const DETAIL: &str = include_str!("../../../benches/src/Detail.graphql");

#[apply(on_each_database)]
async fn the_most_requested_pages_take_few_indexed_statements(app: TestApp) {
    let center = app.center("A center").await;
    let mut workshops = Vec::new();
    for day in 1..=3 {
        let days = [TimeDelta::days(day), TimeDelta::days(day + 1)];
        workshops.push(app.given_at(center, a_workshop().track(5).sessions(days)).await);
    }
    for guest in ["ann", "bob", "cem"] {
        app.register(&workshops[0], guest).await.registration();
    }
    // Both: the workshops, their tracks and their sessions. The detail page also: registrations and their guests.
    for (query, id, expected) in [(LIST, &workshops[0].center, 3), (DETAIL, &workshops[0].id, 5)] {
        let (statements, answer) = app.statement_texts(app.graphql(query, &json!({ "id": id }))).await;
        assert!(!answer.field().is_null());
        assert_eq!(statements.len(), expected, "{statements:#?}");
        for statement in statements {
            plan_of(&app, &statement, false).await;
        }
    }
}
