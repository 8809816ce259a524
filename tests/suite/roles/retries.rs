//! Retries with an idempotency key by a caller who has lost access to the result of the first request.

use axum::{body::Body, http::Request};
use domain::access::{Access, Role};
use macro_rules_attribute::apply;
use serde_json::{Value, json};
use tests::{Client, TestApp, on_each_database};

use super::{Fixture, granted};

/// Sends a mutation as one caller, and again as another one with the same name in the journal. Returns both results.
async fn sent_twice(first: &Client, again: &Client, mutation: &str, variables: &Value) -> (Value, Value) {
    let types = "__typename ... on Problem { code message }";
    let document = mutation.replace("RESULT", types);
    let first = first.graphql(&document, variables).await;
    (first.field().clone(), again.graphql(&document, variables).await.field().clone())
}

fn not_visible() -> Value {
    json!({
        "__typename": "ResultNotVisible", "code": 2014,
        "message": "The request succeeded, but its result is no longer visible to the caller",
    })
}

#[apply(on_each_database)]
async fn a_retry_whose_result_the_caller_cannot_see_is_refused(app: TestApp) {
    let fixture = Fixture::new(app).await;
    let (here, there) =
        (fixture.staff(), fixture.app.client_with_access(granted(Role::Staff, &[], Some(fixture.there))));
    let center = fixture.here.to_string();
    let draft = &fixture.draft_here;
    let track = draft.tracks[0];
    let waiting = json!({ "trackId": fixture.shared.tracks[0], "centerId": center, "waitlist": true });
    let of_guest = |guest: &str| {
        let mut entry = waiting.clone();
        entry["guestId"] = guest.into();
        entry
    };
    let guests = fixture.app.guests(&["eve", "fay"]).await;
    let at_home = "mutation ($id: ID!, $input: GuestInput!) { updateGuest(guestId: $id, input: $input) { RESULT } }";
    for guest in &guests {
        let input = json!({ "id": guest, "input": { "homeCenterId": center } });
        fixture.app.graphql(&at_home.replace("RESULT", "__typename"), &input).await.field();
    }
    let mut single = of_guest(&guests[0]);
    single["idempotencyKey"] = "registerGuest".into();
    let many = json!({ "guests": [of_guest(&guests[1])], "idempotencyKey": "registerGuests" });
    let eve = json!({ "givenName": "Eve", "familyName": "E", "homeCenterId": center, "idempotencyKey": "createGuest" });
    let imported = json!([{ "externalId": "gus", "givenName": "Gus", "familyName": "G", "homeCenterId": center }]);
    let session = json!({
        "title": "S", "startsAt": "2027-05-01T09:00:00Z", "endsAt": "2027-05-01T10:00:00Z", "centerId": center,
        "idempotencyKey": "addSession",
    });
    for (mutation, variables, refusal) in [
        (
            "mutation ($id: ID!, $input: RegisterGuestInput!) { registerGuest(workshopId: $id, input: $input) { RESULT } }",
            json!({ "id": fixture.shared.id, "input": single }),
            "ResultNotVisible",
        ),
        (
            "mutation ($input: GuestInput!) { createGuest(input: $input) { RESULT } }",
            json!({ "input": eve }),
            "ResultNotVisible",
        ),
        (
            at_home,
            json!({ "id": fixture.dan.guest, "input": { "phone": "1", "idempotencyKey": "updateGuest" } }),
            "ResultNotVisible",
        ),
        (
            "mutation ($ids: [ID!]) {
                createWorkshop(input: { title: \"W\", centerIds: $ids, idempotencyKey: \"createWorkshop\" }) { RESULT } }",
            json!({ "ids": [center] }),
            "ResultNotVisible",
        ),
        (
            "mutation ($id: ID!) {
                updateWorkshop(workshopId: $id, input: { title: \"X\", idempotencyKey: \"updateWorkshop\" }) { RESULT } }",
            json!({ "id": draft.id }),
            "ResultNotVisible",
        ),
        (
            "mutation ($id: ID!) { addTrack(workshopId: $id, input: { name: \"T\", idempotencyKey: \"addTrack\" }) { RESULT } }",
            json!({ "id": draft.id }),
            "TrackInvalid",
        ),
        (
            "mutation ($id: Int!) {
                updateTrack(trackId: $id, input: { name: \"U\", idempotencyKey: \"updateTrack\" }) { RESULT } }",
            json!({ "id": track }),
            "TrackInvalid",
        ),
        (
            "mutation ($id: Int!, $input: SessionInput!) { addSession(trackId: $id, input: $input) { RESULT } }",
            json!({ "id": track, "input": session }),
            "SessionInvalid",
        ),
        (
            "mutation ($id: Int!) { removeTrack(trackId: $id, idempotencyKey: \"removeTrack\") { RESULT } }",
            json!({ "id": track }),
            "ResultNotVisible",
        ),
        (
            "mutation ($id: ID!) {
                cancelWorkshop(workshopId: $id, input: { idempotencyKey: \"cancelWorkshop\" }) { RESULT } }",
            json!({ "id": draft.id }),
            "ResultNotVisible",
        ),
    ] {
        let (first, again) = sent_twice(&here, &there, mutation, &variables).await;
        assert_eq!(first["code"], Value::Null, "{first}");
        assert_eq!(again["__typename"], refusal, "{mutation}");
        if refusal == "ResultNotVisible" {
            assert_eq!(again, not_visible());
        }
    }
    let register =
        "mutation ($id: ID!, $input: RegisterGuestsInput!) { registerGuests(workshopId: $id, input: $input) {
        ... on RegisterGuestsSuccess { results { RESULT } } } }";
    let variables = json!({ "id": fixture.shared.id, "input": many });
    let (first, again) = sent_twice(&here, &there, register, &variables).await;
    assert_eq!(first["results"][0]["__typename"], "Registration");
    assert_eq!(again["results"], json!([not_visible()]));
    let import = "mutation ($guests: [ImportGuestInput!]!) {
        importGuests(input: { guests: $guests, idempotencyKey: \"importGuests\" }) {
            ... on ImportGuestsSuccess { results { outcome guest { givenName } } } } }";
    let (first, again) = sent_twice(&here, &there, import, &json!({ "guests": imported })).await;
    assert_eq!(first["results"], json!([{ "outcome": "CREATED", "guest": { "givenName": "Gus" } }]));
    assert_eq!(again["results"], json!([{ "outcome": "CREATED", "guest": null }]));
}

#[apply(on_each_database)]
async fn a_retry_omits_promoted_guests_that_the_caller_cannot_see(app: TestApp) {
    let fixture = Fixture::new(app).await;
    let admin = fixture.app.client_with_access(Access::unlimited(domain::Actor::System));
    let cancel = "mutation ($id: ID!) { cancelRegistration(registrationId: $id, input: { idempotencyKey: \"one\" }) {
        ... on CancelRegistrationSuccess { registration { status } promoted { id } } } }";
    let variables = json!({ "id": fixture.dan.registration });
    let (first, again) = sent_twice(&admin, &fixture.staff(), cancel, &variables).await;
    assert_eq!(first["promoted"], json!([{ "id": fixture.bob.registration }]));
    assert_eq!(again, json!({ "registration": { "status": "CANCELLED" }, "promoted": [] }));
}

#[apply(on_each_database)]
async fn the_rest_api_refuses_a_retry_whose_result_the_caller_cannot_see(app: TestApp) {
    let fixture = Fixture::new(app).await;
    let there = fixture.app.client_with_access(granted(Role::Staff, &[], Some(fixture.there)));
    let cancel = "mutation ($id: ID!) { cancelRegistration(registrationId: $id) { __typename } }";
    fixture.app.graphql(cancel, &json!({ "id": fixture.ann.registration })).await.field();
    let path = format!("/v1/workshops/{}/registrations", fixture.shared.id);
    let body = json!({
        "track_id": fixture.shared.tracks[0], "guest_id": fixture.ann.guest, "center_id": fixture.here.to_string(),
        "waitlist": true,
    });
    let request = || {
        let request = Request::post(&path).header("content-type", "application/json").header("idempotency-key", "one");
        request.body(Body::from(body.to_string())).unwrap()
    };
    let first = fixture.staff().send(request()).await;
    assert_eq!(first.expect_data("registrations")["status"], 4);
    let again = there.send(request()).await;
    let message = "The request succeeded, but its result is no longer visible to the caller";
    assert_eq!(again.expect_error("registrations"), (400, 2014, message));
}
