//! `registerGuests`: many guests in one request and one transaction.

use macro_rules_attribute::apply;
use serde_json::{Value, json};
use tests::{Answer, TestApp, Workshop, a_workshop, on_each_database};

async fn register_all(app: &TestApp, workshop: &Workshop, guests: &[Value], more: &Value) -> Answer {
    let query = "mutation ($workshopId: ID!, $input: RegisterGuestsInput!) {
        registerGuests(workshopId: $workshopId, input: $input) {
            __typename
            ... on RegisterGuestsSuccess { results { __typename ... on Registration { id status }
                ... on Problem { code } ... on MissingInput { fields } } }
            ... on Problem { code message }
            ... on RegistrationsRefused { problems { __typename ... on Problem { code }
                ... on AlreadyRegistered { registration { id } } ... on GuestRepeated { index } } }
            ... on TooManyRegistrations { limit } } }";
    let mut input = more.clone();
    input["guests"] = guests.into();
    app.graphql(query, &json!({ "workshopId": workshop.id, "input": input })).await
}

/// The status or the problem of each guest.
fn outcomes(answer: &Answer) -> Vec<String> {
    let outcome = |result: &Value| {
        let name = if result["__typename"] == "Registration" { &result["status"] } else { &result["__typename"] };
        name.as_str().unwrap().to_owned()
    };
    answer.field()["results"].as_array().unwrap_or_else(|| panic!("{:#}", answer.body)).iter().map(outcome).collect()
}

#[apply(on_each_database)]
async fn each_guest_gets_a_result_in_request_order(app: TestApp) {
    let workshop = app.given(a_workshop().capacity(2)).await;
    let (ann, bob, cem) =
        (app.input(&workshop, "ann").await, app.input(&workshop, "bob").await, app.input(&workshop, "cem").await);
    let mut waiting = cem.clone();
    waiting["waitlist"] = true.into();
    let guests = [ann.clone(), json!({ "trackId": 1 }), ann, bob, cem, waiting];
    let answer = register_all(&app, &workshop, &guests, &json!({})).await;
    let expected = ["REGISTERED", "MissingInput", "AlreadyRegistered", "REGISTERED", "CapacityExceeded", "WAITLISTED"];
    assert_eq!(outcomes(&answer), expected);
    assert_eq!(app.database.number("SELECT COUNT(*) FROM journal").await, 3);
    assert!(app.store.examine().await.unwrap().is_empty());
}

#[apply(on_each_database)]
async fn all_or_nothing_registers_no_guest_when_one_is_refused(app: TestApp) {
    let workshop = app.given(a_workshop().capacity(2)).await;
    let mut inputs = Vec::new();
    for guest in ["ann", "bob", "cem"] {
        inputs.push(app.input(&workshop, guest).await);
    }
    let all = json!({ "mode": "ALL_OR_NOTHING" });
    let refused = register_all(&app, &workshop, &inputs, &all).await;
    assert_eq!(refused.problem(), ("RegistrationsRefused", 2007, "Not all guests can be registered, so none was"));
    assert_eq!(refused.field()["problems"], json!([null, null, { "__typename": "CapacityExceeded", "code": 1011 }]));
    assert_eq!(app.database.number("SELECT COUNT(*) FROM registrations").await, 0);
    let granted = register_all(&app, &workshop, &inputs[..2], &all).await;
    assert_eq!(outcomes(&granted), ["REGISTERED", "REGISTERED"]);
    let ann = granted.field()["results"][0]["id"].clone();
    let already = register_all(&app, &workshop, &inputs[..1], &all).await;
    let already = &already.field()["problems"][0];
    assert_eq!(already, &json!({ "__typename": "AlreadyRegistered", "code": 1010, "registration": { "id": ann } }));
}

#[apply(on_each_database)]
async fn all_or_nothing_reports_a_repeated_guest(app: TestApp) {
    let workshop = app.given(a_workshop()).await;
    let (ann, bob) = (app.input(&workshop, "ann").await, app.input(&workshop, "bob").await);
    let all = json!({ "mode": "ALL_OR_NOTHING" });
    let refused = register_all(&app, &workshop, &[bob, ann.clone(), ann], &all).await;
    let repeated = json!({ "__typename": "GuestRepeated", "code": 2009, "index": 1 });
    assert_eq!(refused.field()["problems"], json!([null, null, repeated]));
}

#[apply(on_each_database)]
async fn a_request_registers_at_most_two_hundred_guests(app: TestApp) {
    let workshop = app.given(a_workshop().capacity(150)).await;
    let names: Vec<_> = (0..201).map(|number| format!("guest {number}")).collect();
    let input = |guest: String| json!({ "trackId": workshop.tracks[0], "guestId": guest, "centerId": workshop.center });
    let inputs: Vec<_> = app.guests(&names).await.into_iter().map(input).collect();
    let too_many = register_all(&app, &workshop, &inputs, &json!({})).await;
    assert_eq!(too_many.problem(), ("TooManyRegistrations", 2008, "Too many guests to register in one request"));
    assert_eq!(too_many.field()["limit"], 200);
    let outcomes = outcomes(&register_all(&app, &workshop, &inputs[..200], &json!({})).await);
    assert!(outcomes[..150].iter().all(|outcome| outcome == "REGISTERED"));
    assert!(outcomes[150..].iter().all(|outcome| outcome == "CapacityExceeded"));
}

#[apply(on_each_database)]
async fn a_retry_returns_the_same_result_for_each_guest(app: TestApp) {
    let workshop = app.given(a_workshop().capacity(1)).await;
    let inputs = [app.input(&workshop, "ann").await, app.input(&workshop, "bob").await];
    let key = json!({ "idempotencyKey": "one" });
    let first = register_all(&app, &workshop, &inputs, &key).await;
    assert_eq!(outcomes(&first), ["REGISTERED", "CapacityExceeded"]);
    app.cancel(&first.field()["results"][0]).await.promoted();
    // A seat is free now, but the retry returns the first result.
    let again = register_all(&app, &workshop, &inputs, &key).await;
    assert_eq!(outcomes(&again), ["CANCELLED", "CapacityExceeded"]);
    let other = register_all(&app, &workshop, &inputs[..1], &key).await;
    assert_eq!(other.problem().0, "IdempotencyKeyReused");
}

#[apply(on_each_database)]
async fn an_unknown_workshop_registers_no_guest(app: TestApp) {
    let workshop = app.given(a_workshop()).await;
    let inputs = [app.input(&workshop, "ann").await, json!({})];
    for id in ["wks_01kdvdna00e00800000c000000", "nonsense"] {
        let nowhere = Workshop { id: id.to_owned(), ..workshop.clone() };
        let answer = register_all(&app, &nowhere, &inputs, &json!({})).await;
        assert_eq!(outcomes(&answer), ["WorkshopInvalid", "MissingInput"]);
    }
    assert_eq!(outcomes(&register_all(&app, &workshop, &[], &json!({})).await), [""; 0]);
}
