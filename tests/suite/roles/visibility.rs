//! A caller of one center sees no guest, registration, count or event of another center in any field.

use domain::access::{Access, Role, Scope};
use macro_rules_attribute::apply;
use serde_json::{Value, json};
use tests::{Client, TestApp, on_each_database};
use tokio::task::JoinSet;

use super::{Fixture, granted};
use crate::subscriptions::wait_for_followers;

/// All lists and statistics of GraphQL, each with its count.
const EVERYTHING: &str = r#"query ($shared: ID!, $there: ID!, $bob: ID!, $registration: ID!) {
    workshops(first: 4) { totalCount nodes { title
        registrations(first: 5) { totalCount nodes { id guest { givenName } } statusCounts { count } }
        statusCounts { status count } statistics { registrations waitlistLength everWaitlisted }
        tracks { name workshop { title } } sessions { title }
        centers { name statistics { registrations }
            workshops(first: 4) { totalCount nodes { title registrations(first: 5) { totalCount nodes { id } } } } } } }
    registrations(first: 5) { totalCount statusCounts { status count } nodes { id workshop { title }
        guest { id givenName email registrations(first: 5) { totalCount nodes { id } } }
        history(first: 5) { totalCount nodes { id actor registration { id } } } } }
    ofBob: registrations(filter: { guestId: $bob }) { totalCount nodes { id } }
    atThere: registrations(filter: { centerId: $there }) { totalCount nodes { id } }
    atShared: registrations(filter: { workshopId: $shared }, orderBy: { field: WAITLIST_POSITION }) {
        totalCount nodes { id } }
    guests { totalCount nodes { id givenName familyName email externalId } }
    found: guests(filter: { text: "bob" }) { totalCount nodes { id } }
    known: guests(filter: { externalId: "bob-elsewhere" }) { totalCount nodes { id } }
    theirs: guests(filter: { homeCenterId: $there }) { totalCount nodes { id } }
    guest(by: { externalId: "bob-elsewhere" }) { id }
    registration(id: $registration) { id }
    node(id: $bob) { id }
    nodes(ids: [$bob, $registration]) { id }
    changes { totalCount nodes { id actor registration { id } } }
    ofRegistration: changes(filter: { registrationId: $registration }) { totalCount nodes { id } }
    statistics { registrations waitlistLength everWaitlisted promoted attended noShows registrationsPerDay { count } }
    ofThere: statistics(filter: { centerId: $there }) { registrations waitlistLength }
    ofShared: statistics(filter: { workshopId: $shared }) { registrations waitlistLength }
    center(id: $there) { statistics { registrations waitlistLength } }
    _entities(representations: [{ __typename: "Guest", id: $bob }, { __typename: "Registration", id: $registration }]) {
        ... on Guest { givenName } ... on Registration { status } }
}"#;

fn variables(fixture: &Fixture) -> Value {
    json!({
        "shared": fixture.shared.id, "there": fixture.there.to_string(),
        "bob": fixture.bob.guest, "registration": fixture.bob.registration,
    })
}

/// Collects every number in a response with the path to it.
fn counts(of: &Value, way: &str, found: &mut Vec<(String, u64)>) {
    match of {
        Value::Object(fields) => fields.iter().for_each(|(name, value)| counts(value, &format!("{way}.{name}"), found)),
        Value::Array(items) => items.iter().for_each(|item| counts(item, way, found)),
        Value::Number(number) => found.push((way.to_owned(), number.as_u64().unwrap())),
        _ => {}
    }
}

async fn assert_sees_one_center(fixture: &Fixture, client: &Client) {
    let answer = client.graphql(EVERYTHING, &variables(fixture)).await;
    let data = answer.data();
    let text = data.to_string();
    for secret in [&fixture.bob.guest, &fixture.bob.registration, &fixture.cem.guest, &fixture.cem.registration] {
        assert!(!text.contains(secret), "{secret}: {data:#}");
    }
    for name in ["bob", "cem", "Draft of there"] {
        // Only at the beginning of a text: an id can contain the same letters.
        assert!(!text.contains(&format!("\"{name}")), "{name}: {data:#}");
    }
    for way in ["ofBob", "atThere", "found", "known", "theirs", "ofRegistration"] {
        assert_eq!(data[way], json!({ "totalCount": 0, "nodes": [] }), "{way}");
    }
    for way in ["guest", "registration", "node"] {
        assert_eq!(data[way], Value::Null, "{way}");
    }
    for way in ["nodes", "_entities"] {
        assert_eq!(data[way], json!([null, null]), "{way}");
    }
    for way in ["registrations", "atShared", "changes", "guests"] {
        assert_eq!(data[way]["totalCount"], 2, "{way}");
    }
    assert_eq!(data["statistics"]["registrations"], 2);
    assert_eq!(data["ofThere"], json!({ "registrations": 0, "waitlistLength": 0 }));
    assert_eq!(data["ofShared"], json!({ "registrations": 2, "waitlistLength": 0 }));
    assert_eq!(data["center"]["statistics"], json!({ "registrations": 0, "waitlistLength": 0 }));
    // The caller's center has at most two of everything except workshops, so four registrations would show.
    let mut all = Vec::new();
    counts(data, "", &mut all);
    for (way, count) in all.into_iter().filter(|(way, _)| !way.ends_with("workshops.totalCount")) {
        assert!(count <= 2, "{way} is {count}");
    }
}

#[apply(on_each_database)]
async fn staff_of_one_center_see_nothing_of_another(app: TestApp) {
    let fixture = Fixture::new(app).await;
    assert_sees_one_center(&fixture, &fixture.staff()).await;
    assert_sees_one_center(&fixture, &fixture.partner(Scope::ALL)).await;
    // An admin sees all of it, which proves that the query selects it.
    let admin = fixture.app.client().graphql(EVERYTHING, &variables(&fixture)).await;
    let data = admin.data();
    assert_eq!(data["registrations"]["totalCount"], 4);
    assert_eq!(data["ofBob"]["totalCount"], 1);
    assert_eq!(data["found"]["totalCount"], 1);
    assert_eq!(data["theirs"]["totalCount"], 1);
    assert_eq!(data["ofThere"], json!({ "registrations": 2, "waitlistLength": 1 }));
    assert!(data["nodes"].as_array().unwrap().iter().all(Value::is_object));
    assert!(data.to_string().contains("Draft of there"));
}

#[apply(on_each_database)]
async fn changes_of_another_center_are_not_sent(app: TestApp) {
    let fixture = Fixture::new(app).await;
    let changes = "subscription ($after: String) { changes(after: $after) { id registration { id } } }";
    let start = fixture.app.query("{ changes(first: 1) { nodes { cursor } } }").await["nodes"][0]["cursor"].clone();
    let mut live = JoinSet::new();
    for client in [fixture.staff(), fixture.partner(&[Scope::RegistrationsRead]), fixture.guest()] {
        let mut events = client.subscribe(changes, &Value::Null).await;
        live.spawn(async move { events.expect_data().await });
    }
    wait_for_followers(&fixture.app, 0, 3).await;
    // Bob and Cem cancel, and then Ann.
    for person in [&fixture.cem, &fixture.bob, &fixture.ann] {
        fixture.app.cancel(&json!({ "id": person.registration })).await.field();
    }
    while let Some(change) = live.join_next().await {
        assert_eq!(change.unwrap()["registration"]["id"], fixture.ann.registration);
    }
    // A subscription from the start gets the changes of Dan and Ann, and no others.
    let mut late = fixture.staff().subscribe(changes, &json!({ "after": start })).await;
    assert_eq!(late.expect_data().await["registration"]["id"], fixture.dan.registration);
    assert_eq!(late.expect_data().await["registration"]["id"], fixture.ann.registration);
}

#[apply(on_each_database)]
async fn the_journal_hides_actors_that_the_caller_cannot_see(app: TestApp) {
    let fixture = Fixture::new(app).await;
    // Ann cancels, and Bob, who is of the other center, gets her seat.
    let cancel = "mutation ($id: ID!) { cancelRegistration(registrationId: $id) { __typename } }";
    fixture.guest().graphql(cancel, &json!({ "id": fixture.ann.registration })).await.field();
    let history = "query ($id: ID!) { registration(id: $id) { history(last: 1) { nodes { kind actor } } } }";
    let there = fixture.app.client_with_access(granted(Role::Staff, &[], Some(fixture.there)));
    let bob = fixture.app.client_with_access(Access::guest(fixture.bob.guest.parse().unwrap()));
    for (client, registration, actor) in [
        (&fixture.app.client(), &fixture.bob.registration, fixture.ann.guest.as_str()),
        (&there, &fixture.bob.registration, "another"),
        (&bob, &fixture.bob.registration, "another"),
        (&fixture.staff(), &fixture.ann.registration, &fixture.ann.guest),
        (&fixture.guest(), &fixture.ann.registration, &fixture.ann.guest),
    ] {
        let answer = client.graphql(history, &json!({ "id": registration })).await;
        assert_eq!(answer.field()["history"]["nodes"][0]["actor"], actor);
    }
}

#[apply(on_each_database)]
async fn a_draft_is_visible_only_to_its_authors(app: TestApp) {
    let fixture = Fixture::new(app).await;
    let query = "query ($here: ID!, $there: ID!) {
        here: workshop(id: $here) { title } there: workshop(id: $there) { title }
        workshops { totalCount nodes { title } } }";
    let variables = json!({ "here": fixture.draft_here.id, "there": fixture.draft_there.id });
    let tracks = json!({ "ids": [format!("trk_{}", fixture.draft_here.tracks[0]), format!("trk_{}", fixture.draft_there.tracks[0])] });
    for (client, here, there, total) in [
        (fixture.app.client(), true, true, 4),
        (fixture.staff(), true, false, 3),
        (fixture.partner(&[Scope::WorkshopsWrite]), true, false, 3),
        (fixture.partner(&[Scope::RegistrationsWrite, Scope::GuestsWrite]), false, false, 2),
        (fixture.guest(), false, false, 2),
        (fixture.public(), false, false, 2),
    ] {
        let answer = client.graphql(query, &variables).await;
        let data = answer.data();
        assert_eq!(
            (data["here"].is_object(), data["there"].is_object(), &data["workshops"]["totalCount"]),
            (here, there, &json!(total))
        );
        let nodes = client.graphql("query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", &tracks).await;
        let seen: Vec<_> = nodes.field().as_array().unwrap().iter().map(Value::is_object).collect();
        assert_eq!(seen, [here, there]);
        let seats = "subscription ($id: ID!) { workshopSeats(workshopId: $id) { capacity } }";
        let mut seats = client.subscribe(seats, &json!({ "id": fixture.draft_there.id })).await;
        let is_refused = seats.answer().await["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT";
        assert_eq!(is_refused, !there);
    }
}

#[apply(on_each_database)]
async fn a_cancelled_draft_stays_hidden_from_the_public(app: TestApp) {
    let fixture = Fixture::new(app).await;
    let cancel = "mutation ($id: ID!) { cancelWorkshop(workshopId: $id) { __typename } }";
    for workshop in [&fixture.draft_there, &fixture.there_only] {
        fixture.app.graphql(cancel, &json!({ "id": workshop.id })).await.field();
    }
    let query = "query ($id: ID!) { workshop(id: $id) { status } }";
    let public = fixture.public();
    assert_eq!(public.graphql(query, &json!({ "id": fixture.draft_there.id })).await.field(), &Value::Null);
    assert_eq!(public.graphql(query, &json!({ "id": fixture.there_only.id })).await.field()["status"], "CANCELLED");
    // A workshop that was published before it was cancelled stays visible.
    let publish = "mutation ($id: ID!) { publishWorkshop(workshopId: $id) { __typename } }";
    for (mutation, status) in [(publish, "PUBLISHED"), (cancel, "CANCELLED")] {
        fixture.app.graphql(mutation, &json!({ "id": fixture.draft_here.id })).await.field();
        assert_eq!(public.graphql(query, &json!({ "id": fixture.draft_here.id })).await.field()["status"], status);
    }
}
