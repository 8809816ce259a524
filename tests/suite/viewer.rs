//! The viewer, and the fields of a workshop that depend on the viewer.

use chrono::TimeDelta;
use macro_rules_attribute::apply;
use serde_json::{Value, json};
use tests::{Client, TestApp, Workshop, a_workshop, now, on_each_database};

async fn query_viewer(client: &Client, query: &str) -> Value {
    client.graphql(query, &Value::Null).await.field().clone()
}

#[apply(on_each_database)]
async fn the_viewer_has_a_guest_only_when_a_guest_is_signed_in(app: TestApp) {
    let query = "{ viewer { actor kind guest { givenName } } }";
    assert_eq!(app.query(query).await, json!({ "actor": "anonymous", "kind": "ANONYMOUS", "guest": null }));
    let ann = app.client_for_guest("ann").await;
    let id = app.guest("ann").await;
    assert_eq!(
        query_viewer(&ann, query).await,
        json!({ "actor": id, "kind": "GUEST", "guest": { "givenName": "ann" } })
    );
}

#[apply(on_each_database)]
async fn the_journal_records_the_guest_as_the_actor(app: TestApp) {
    let workshop = app.given(a_workshop()).await;
    let registration = app.register(&workshop, "ann").await.registration()["id"].clone();
    let ann = app.client_for_guest("ann").await;
    let cancel = "mutation ($id: ID!) { cancelRegistration(registrationId: $id) {
        ... on CancelRegistrationSuccess { registration { history { nodes { kind actor } } } } } }";
    let cancelled = ann.graphql(cancel, &json!({ "id": registration })).await;
    assert_eq!(
        cancelled.field()["registration"]["history"]["nodes"],
        json!([{ "kind": "REGISTERED", "actor": "anonymous" }, { "kind": "CANCELLED", "actor": app.guest("ann").await }])
    );
}

#[apply(on_each_database)]
async fn a_workshop_contains_the_registration_of_the_viewer(app: TestApp) {
    let (mine, left) = (app.given(a_workshop()).await, app.given(a_workshop()).await);
    let never = app.given(a_workshop()).await;
    let mut cancelled = Vec::new();
    for hour in 1..=2 {
        app.set_time(now() + TimeDelta::hours(hour));
        for workshop in [&mine, &left] {
            let registration = app.register(workshop, "ann").await.registration()["id"].clone();
            app.cancel(&json!({ "id": registration })).await.promoted();
            cancelled.push(registration);
        }
    }
    // The clock is earlier than before: the live registration is returned, not the latest one.
    app.set_time(now());
    let live = app.register(&mine, "ann").await.registration()["id"].clone();
    app.register(&never, "bob").await.registration();

    let query = "{ viewerRegistration { id status } }";
    let of = |workshop: &Workshop| format!("{{ workshop(id: \"{}\") {query} }}", workshop.id);
    let ann = app.client_for_guest("ann").await;
    for (workshop, registration) in [
        (&mine, json!({ "id": live, "status": "REGISTERED" })),
        (&left, json!({ "id": cancelled[3], "status": "CANCELLED" })),
        (&never, json!(null)),
    ] {
        assert_eq!(query_viewer(&ann, &of(workshop)).await["viewerRegistration"], registration);
    }
    assert_eq!(app.query(&of(&mine)).await["viewerRegistration"], json!(null), "the viewer is no guest");
}

#[apply(on_each_database)]
async fn a_track_contains_the_eligibility_of_the_viewer(app: TestApp) {
    let workshop = app.given(a_workshop().capacity(2).track(1)).await;
    let on_second =
        json!({ "trackId": workshop.tracks[1], "guestId": app.guest("bob").await, "centerId": workshop.center });
    app.register_with(&workshop, &on_second).await.registration();
    let (ann, bob) = (app.client_for_guest("ann").await, app.client_for_guest("bob").await);
    let tracks = async |client: &Client, arguments: &str| {
        let query = format!(
            "{{ workshop(id: \"{}\") {{ tracks {{ registrationEligibility{arguments} {{ eligible
                problem {{ __typename ... on MissingInput {{ fields }} }} }} }} }} }}",
            workshop.id
        );
        let found = query_viewer(client, &query).await;
        let tracks = found["tracks"].as_array().unwrap().iter();
        let problem = |track: &Value| {
            let answer = &track["registrationEligibility"];
            assert_eq!(answer["eligible"], json!(answer["problem"].is_null()));
            answer["problem"]["__typename"].as_str().unwrap_or("none").to_owned()
        };
        tracks.map(problem).collect::<Vec<_>>()
    };
    assert_eq!(tracks(&ann, "").await, ["none", "CapacityExceeded"]);
    assert_eq!(tracks(&ann, "(waitlist: true)").await, ["none", "none"]);
    assert_eq!(tracks(&bob, "").await, ["AlreadyRegistered", "AlreadyRegistered"]);
    let guest = format!("(guestId: \"{}\")", app.guest("ann").await);
    assert_eq!(tracks(&app.client(), &guest).await, ["none", "CapacityExceeded"], "staff can ask for a guest");
    assert_eq!(tracks(&bob, &guest).await, ["GuestInvalid", "GuestInvalid"], "Bob cannot see Ann");
    let elsewhere = format!("(centerId: \"{}\")", app.center("Elsewhere").await);
    assert_eq!(tracks(&ann, &elsewhere).await, ["CenterInvalid", "CenterInvalid"]);
    assert_eq!(tracks(&app.client(), "").await, ["MissingInput", "MissingInput"], "the viewer is no guest");
    assert_eq!(app.database.number("SELECT COUNT(*) FROM registrations").await, 1, "no row was written");
}

#[apply(on_each_database)]
async fn a_page_of_workshops_takes_as_many_statements_as_one_workshop(app: TestApp) {
    let center = app.center("A center").await;
    for number in 0..20 {
        let workshop = app.given_at(center, a_workshop().track(5)).await;
        if number % 2 == 0 {
            app.register(&workshop, "ann").await.registration();
        }
    }
    let ann = app.client_for_guest("ann").await;
    let page = async |size: usize| {
        let query = format!(
            "{{ workshops(first: {size}) {{ nodes {{ viewerRegistration {{ status }} tracks {{
                registrationEligibility {{ eligible problem {{ code ... on AlreadyRegistered {{ registration {{ id }} }} }} }}
                inLine: registrationEligibility(waitlist: true) {{ eligible }} }} }} }} }}"
        );
        let (statements, list) = app.statements(query_viewer(&ann, &query)).await;
        let nodes = list["nodes"].as_array().unwrap();
        assert_eq!(nodes.len(), size);
        for (number, workshop) in nodes.iter().enumerate() {
            let here = number % 2 == 0;
            assert_eq!(workshop["viewerRegistration"].is_null(), !here);
            for track in workshop["tracks"].as_array().unwrap() {
                assert_eq!(track["registrationEligibility"]["eligible"], json!(!here));
                assert_eq!(track["registrationEligibility"]["problem"]["registration"].is_null(), !here);
            }
        }
        statements
    };
    // One each for the list, the guest's registrations, the tracks, their centers and the existing registrations. Two for
    // the rows that the rules read.
    assert_eq!((page(1).await, page(20).await), (7, 7));
}
