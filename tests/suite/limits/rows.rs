//! The rows of a response are counted when they are loaded, each once.

use api::ResponseLimits;
use chrono::TimeDelta;
use domain::SessionId;
use macro_rules_attribute::apply;
use persistence::{NewSession, NewTrack};
use serde_json::{Value, json};
use tests::{TestApp, a_workshop, now, on_each_database};
use uuid::Uuid;

use super::responses::with_response_limits;

fn objects(objects: usize) -> ResponseLimits {
    ResponseLimits { objects, ..ResponseLimits::default() }
}

/// The objects of a response.
fn count(value: &Value) -> usize {
    match value {
        Value::Object(members) => 1 + members.values().map(count).sum::<usize>(),
        Value::Array(values) => values.iter().map(count).sum(),
        _ => 0,
    }
}

fn is_too_large(body: &Value) -> bool {
    body["errors"][0]["extensions"]["code"] == "RESPONSE_TOO_LARGE"
}

/// Three workshops of one center, each with sessions, a seat and a place on the waitlist.
async fn some_rows(app: &TestApp) -> String {
    let center = app.center("A center").await;
    for _ in 0..3 {
        let sessions = (1..=4).map(TimeDelta::days);
        let workshop = app.given_at(center, a_workshop().sessions(sessions)).await;
        app.register(&workshop, "ann").await.registration();
        app.waitlist(&workshop, "bob").await.registration();
    }
    center.to_string()
}

#[apply(on_each_database)]
async fn a_loaded_row_is_counted_once(app: TestApp) {
    let center = some_rows(&app).await;
    let unlimited = with_response_limits(&app, ResponseLimits::default()).await;
    for query in [
        "{ workshops { nodes { tracks { id sessions { title } } } } }",
        "{ workshops { nodes { sessions { track { id } center { id } } centers { id } } } }",
        "{ workshops { nodes { ...parts } } } fragment parts on Workshop { tracks { ... { id } } centers { id } }",
        "{ workshops { edges { cursor node { registrations { nodes { guest { id } workshop { id } track { id } } } } } } }",
        "{ guests { nodes { registrations { nodes { workshop { registrations { pageInfo { endCursor } nodes { id } } } } } } } }",
        "{ centers { nodes { workshops { nodes { nextSession { id } statistics { seatsTaken } } } } } }",
    ]
    .map(ToOwned::to_owned)
    .into_iter()
    .chain([
        format!("{{ center(id: \"{center}\") {{ workshops {{ nodes {{ centers {{ workshops {{ nodes {{ id }} }} }} }} }} }} }}"),
        format!("{{ nodes(ids: [\"{center}\", \"{center}\"]) {{ ... on Center {{ a: workshops {{ nodes {{ id }} }} }} }} }}"),
    ]) {
        let answer = unlimited.graphql(&query, &Value::Null).await;
        // Without the root. A lookup that finds no object counts as one.
        let size = count(answer.data()) - 1;
        let enough = with_response_limits(&app, objects(size + usize::from(query.contains("statistics")) * 3)).await;
        assert_eq!(enough.graphql(&query, &Value::Null).await.data(), answer.data(), "{query}");
        let less = with_response_limits(&app, objects(size - 1)).await;
        assert!(is_too_large(&less.graphql(&query, &Value::Null).await.body), "{query}");
    }
}

#[apply(on_each_database)]
async fn the_sessions_of_a_track_are_loaded_without_those_of_other_tracks(app: TestApp) {
    let center = app.center("A center").await;
    let session = |day: i64| NewSession {
        id: SessionId::from_uuid(Uuid::now_v7()),
        title: format!("Day {day}"),
        starts_at: now() + TimeDelta::days(day),
        ends_at: now() + TimeDelta::days(day) + TimeDelta::hours(1),
        center,
        room: None,
        instructor: None,
    };
    let track = |name: &str, sessions: i64| NewTrack {
        name: name.to_owned(),
        capacity: None,
        sessions: (1..=sessions).rev().map(session).collect(),
    };
    let workshop = app.given_at(center, a_workshop().tracks([track("Short", 3), track("Long", 20)])).await;
    let limited = with_response_limits(&app, objects(10)).await;
    let sessions = async |number: usize| {
        let query = format!(
            "{{ node(id: \"trk_{}\") {{ ... on Track {{ sessions {{ title }} }} }} }}",
            workshop.tracks[number]
        );
        limited.graphql(&query, &Value::Null).await
    };
    let titles = ["Day 1", "Day 2", "Day 3"].map(|title| json!({ "title": title }));
    assert_eq!(sessions(0).await.field()["sessions"], json!(titles));
    assert!(is_too_large(&sessions(1).await.body));
}

#[apply(on_each_database)]
async fn a_subscription_is_not_stopped_by_the_rows_of_another(app: TestApp) {
    for _ in 0..6 {
        let workshop = app.given(a_workshop().sessions((1..=12).map(TimeDelta::days))).await;
        app.register(&workshop, "ann").await.registration();
    }
    let limited = with_response_limits(&app, objects(60)).await;
    let of_first = |workshops: usize| {
        format!(
            "subscription {{ changes {{ registration {{ guest {{ registrations(first: {workshops}) {{
                nodes {{ workshop {{ sessions {{ id }} }} }} }} }} }} }} }}"
        )
    };
    // Both need the same lookups at the same time, and have the same authority.
    let mut large = limited.subscribe(&of_first(6), &Value::Null).await;
    let mut small = limited.subscribe(&of_first(1), &Value::Null).await;
    crate::subscriptions::wait_for_followers(&limited, 0, 2).await;
    let workshop = app.given(a_workshop()).await;
    let input = app.input(&workshop, "ann").await;
    limited.register_with(&workshop, &input).await.registration();
    let (small, large) = tokio::join!(small.answer(), large.answer());
    assert!(is_too_large(&large), "{large:#}");
    let registrations = &small["data"]["changes"]["registration"]["guest"]["registrations"]["nodes"];
    assert_eq!(registrations[0]["workshop"]["sessions"].as_array().map(Vec::len), Some(12), "{small:#}");
}

#[apply(on_each_database)]
async fn lookups_under_many_names_are_counted_before_they_wait(app: TestApp) {
    let workshop = app.given(a_workshop().sessions((1..=12).map(TimeDelta::days))).await;
    let limited = with_response_limits(&app, objects(100)).await;
    let names = (0..10).map(|number| format!("c{number}: center {{ id }} ")).collect::<Vec<_>>().concat();
    let query = format!("{{ workshop(id: \"{}\") {{ sessions {{ {names} }} }} }}", workshop.id);
    let (statements, answer) = limited.statement_texts(limited.graphql(&query, &Value::Null)).await;
    assert!(is_too_large(&answer.body));
    assert_eq!(statements.len(), 2, "the workshop and its sessions, but not the centers: {statements:#?}");
}

#[apply(on_each_database)]
async fn the_texts_of_loaded_rows_are_limited(app: TestApp) {
    let center = app.center("A center").await;
    for _ in 0..5 {
        app.given_at(center, a_workshop().description(&"x".repeat(1_000))).await;
    }
    let query = format!("{{ center(id: \"{center}\") {{ workshops(first: 5) {{ nodes {{ id }} }} }} }}");
    let limited = async |bytes: usize| {
        let limits = ResponseLimits { bytes, ..ResponseLimits::default() };
        with_response_limits(&app, limits).await.graphql(&query, &Value::Null).await
    };
    assert!(is_too_large(&limited(1_200).await.body));
    assert_eq!(limited(1_400).await.field()["workshops"]["nodes"].as_array().map(Vec::len), Some(5));
}
