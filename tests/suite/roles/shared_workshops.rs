//! A workshop that several centers run: the staff of each of them edit all of it, and register guests only at their own.

use domain::access::{Role, Scope};
use macro_rules_attribute::apply;
use serde_json::{Value, json};
use tests::{Client, TestApp, on_each_database};

use super::{Fixture, granted};

const SESSION: &str = "mutation ($track: Int!, $input: SessionInput!) {
    addSession(trackId: $track, input: $input) { __typename ... on Session { id } } }";

fn session_at(center: &str) -> Value {
    json!({
        "title": "S", "startsAt": "2027-05-01T09:00:00Z", "endsAt": "2027-05-01T10:00:00Z", "centerId": center,
    })
}

async fn outcome(client: &Client, mutation: &str, variables: &Value) -> Value {
    client.graphql(mutation, variables).await.field()["__typename"].clone()
}

#[apply(on_each_database)]
async fn staff_of_one_center_edit_the_parts_of_another_center_of_their_workshop(app: TestApp) {
    let fixture = Fixture::new(app).await;
    let (here, there) = (fixture.here.to_string(), fixture.there.to_string());
    let elsewhere = fixture.app.center("Elsewhere").await.to_string();
    let (id, track) = (&fixture.shared.id, fixture.shared.tracks[0]);
    for client in [fixture.staff(), fixture.partner(&[Scope::WorkshopsWrite])] {
        // A session at the other center can be added, changed, moved and cancelled.
        let input = json!({ "track": track, "input": session_at(&there) });
        let added = client.graphql(SESSION, &input).await.field().clone();
        assert_eq!(added["__typename"], "Session");
        for (mutation, variables, expected) in [
            (
                "mutation ($id: ID!, $center: ID!) {
                    updateSession(sessionId: $id, input: { centerId: $center }) { __typename } }",
                json!({ "id": added["id"], "center": here }),
                "UpdateSessionSuccess",
            ),
            (
                "mutation ($id: ID!, $center: ID!) {
                    updateSession(sessionId: $id, input: { centerId: $center }) { __typename } }",
                json!({ "id": added["id"], "center": there }),
                "UpdateSessionSuccess",
            ),
            (
                "mutation ($id: ID!) { cancelSession(sessionId: $id) { __typename } }",
                json!({ "id": added["id"] }),
                "CancelSessionSuccess",
            ),
            (
                "mutation ($id: Int!) { updateTrack(trackId: $id, input: { name: \"T\" }) { __typename } }",
                json!({ "id": track }),
                "UpdateTrackSuccess",
            ),
            // The other center cannot be removed, and a center out of reach cannot be added.
            (
                "mutation ($id: ID!, $ids: [ID!]) {
                    updateWorkshop(workshopId: $id, input: { centerIds: $ids }) { __typename } }",
                json!({ "id": id, "ids": [here] }),
                "CenterInvalid",
            ),
            (
                "mutation ($id: ID!, $ids: [ID!]) {
                    updateWorkshop(workshopId: $id, input: { centerIds: $ids }) { __typename } }",
                json!({ "id": id, "ids": [here, there, elsewhere] }),
                "CenterInvalid",
            ),
        ] {
            assert_eq!(outcome(&client, mutation, &variables).await, expected, "{mutation}");
        }
        let input = json!({ "track": track, "input": session_at(&elsewhere) });
        assert_eq!(outcome(&client, SESSION, &input).await, "CenterInvalid", "a center that does not run it");
        // Nothing of a workshop that only the other center runs.
        let input = json!({ "track": fixture.there_only.tracks[0], "input": session_at(&there) });
        assert_eq!(outcome(&client, SESSION, &input).await, "TrackInvalid");
    }
}

#[apply(on_each_database)]
async fn staff_of_one_center_cancel_the_whole_workshop(app: TestApp) {
    let fixture = Fixture::new(app).await;
    let cancel = "mutation ($id: ID!) { cancelWorkshop(workshopId: $id) {
        __typename ... on CancelWorkshopSuccess { released } } }";
    let cancelled = fixture.staff().graphql(cancel, &json!({ "id": fixture.shared.id })).await;
    assert_eq!(cancelled.field(), &json!({ "__typename": "CancelWorkshopSuccess", "released": 2 }));
    let there = fixture.app.client_with_access(granted(Role::Staff, &[], Some(fixture.there)));
    let status = "query ($id: ID!) { registration(id: $id) { status } }";
    for registration in [&fixture.bob.registration, &fixture.cem.registration] {
        let answer = there.graphql(status, &json!({ "id": registration })).await;
        assert_eq!(answer.field()["status"], "WORKSHOP_CANCELLED", "a registration of the other center");
    }
    let other = outcome(&fixture.staff(), cancel, &json!({ "id": fixture.there_only.id })).await;
    assert_eq!(other, "WorkshopInvalid");
}
