//! Edits of workshops: from a draft to a completed or cancelled workshop, with every problem of each edit.

mod cancellation;
mod concurrency;
mod creation;
mod idempotency;
mod limits;
mod publication;
mod sessions;
mod tracks;
mod update;

use serde_json::{Value, json};
use tests::{Answer, TestApp};

const WORKSHOP: &str = "id title description externalId status version capacity seatsTaken waitlistLength
    waitlistEnabled waitlistLimit registrationOpensAt registrationClosesAt startsAt endsAt updatedAt centers { id }
    tracks { trackId name capacity seatsTaken startsAt endsAt sessions { id title } } sessions { id title }";
const TRACK: &str = "trackId name capacity seatsTaken startsAt endsAt workshop { id version }";
const SESSION: &str = "id title startsAt endsAt status room instructor center { id } track { trackId startsAt endsAt }
    workshop: track { workshop { version startsAt endsAt } }";

/// The document of a mutation, which selects all fields of its result.
fn document(mutation: &str) -> String {
    const ID: &str = "$id: ID!";
    const NUMBER: &str = "$id: Int!";
    let of_session = |success: &str| format!("... on {success} {{ session {{ {SESSION} }} promoted {{ id }} }}");
    let (id, argument, input, success) = match mutation {
        "createWorkshop" => ("", "", "CreateWorkshopInput!", format!("... on Workshop {{ {WORKSHOP} }}")),
        "updateWorkshop" => (
            ID,
            "workshopId",
            "UpdateWorkshopInput!",
            format!("... on UpdateWorkshopSuccess {{ workshop {{ {WORKSHOP} }} promoted {{ id status }} }}"),
        ),
        "publishWorkshop" => (ID, "workshopId", "", format!("... on Workshop {{ {WORKSHOP} }}")),
        "cancelWorkshop" => (
            ID,
            "workshopId",
            "CancelWorkshopInput",
            format!("... on CancelWorkshopSuccess {{ workshop {{ {WORKSHOP} }} released }}"),
        ),
        "addTrack" => (ID, "workshopId", "TrackInput!", format!("... on Track {{ {TRACK} }}")),
        "updateTrack" => (
            NUMBER,
            "trackId",
            "TrackInput!",
            format!("... on UpdateTrackSuccess {{ track {{ {TRACK} }} promoted {{ id status }} }}"),
        ),
        "removeTrack" => (
            NUMBER,
            "trackId",
            "",
            format!("... on RemoveTrackSuccess {{ workshop {{ {WORKSHOP} }} promoted {{ id }} }}"),
        ),
        "addSession" => (NUMBER, "trackId", "SessionInput!", format!("... on Session {{ {SESSION} }}")),
        "updateSession" => (ID, "sessionId", "SessionInput!", of_session("UpdateSessionSuccess")),
        "cancelSession" => (ID, "sessionId", "", of_session("CancelSessionSuccess")),
        other => panic!("no such mutation: {other}"),
    };
    let (declared, passed) = if input.is_empty() {
        ("$key: String".to_owned(), "idempotencyKey: $key")
    } else {
        (format!("$input: {input}"), "input: $input")
    };
    let target = if argument.is_empty() { String::new() } else { format!("{argument}: $id") };
    format!(
        "mutation ({id} {declared}) {{ {mutation}({target} {passed}) {{ __typename {success}
            ... on Problem {{ code message
                ... on InputInvalid {{ fields {{ field message }} }}
                ... on VersionConflict {{ currentVersion }}
                ... on CapacityBelowTaken {{ scope seatsTaken }}
                ... on TrackHasRegistrations {{ liveRegistrations }}
                ... on WorkshopNotPublishable {{ missing }}
                ... on TooManyTracks {{ limit }} ... on TooManySessions {{ limit }} ... on TooManyCenters {{ limit }}
            }} }} }}"
    )
}

/// Runs a mutation on the object with this id. A mutation without an input gets only the idempotency key.
async fn run_edit(app: &TestApp, mutation: &str, id: impl Into<Value>, input: Value) -> Answer {
    let variables = json!({ "id": id.into(), "key": input["idempotencyKey"], "input": input });
    app.graphql(&document(mutation), &variables).await
}

/// Creates a draft with a track at a new center.
async fn draft(app: &TestApp) -> Value {
    let center = app.center("A center").await.to_string();
    let input = json!({
        "title": "A draft", "capacity": 10, "waitlistEnabled": true, "centerIds": [center],
        "tracks": [{ "name": "Track 1" }],
    });
    run_edit(app, "createWorkshop", Value::Null, input).await.field().clone()
}

/// The workshop in the result of an update.
fn workshop(answer: &Answer) -> &Value {
    let field = answer.field();
    assert_eq!(field["__typename"], "UpdateWorkshopSuccess", "{field:#}");
    &field["workshop"]
}

/// Asserts that the doctor finds nothing.
async fn assert_consistent(app: &TestApp) {
    let findings: Vec<_> = app.store.examine().await.unwrap().iter().map(ToString::to_string).collect();
    assert_eq!(findings, [""; 0]);
}

const INVALID: (&str, i64, &str) = ("InputInvalid", 2010, "The input is not valid");
const NO_WORKSHOP: (&str, i64, &str) = ("WorkshopInvalid", 1001, "Workshop is invalid");
const NO_CENTER: (&str, i64, &str) = ("CenterInvalid", 502, "Invalid center_id.");
const NOT_EDITABLE: (&str, i64, &str) =
    ("WorkshopNotEditable", 2037, "The workshop is cancelled or completed and cannot be edited");
const NOT_PUBLISHABLE: (&str, i64, &str) =
    ("WorkshopNotPublishable", 2036, "A published workshop has at least one track and one center");
const BELOW_TAKEN: (&str, i64, &str) = ("CapacityBelowTaken", 2032, "The capacity is below the seats that are taken");
const TIMES: (&str, i64, &str) = ("SessionTimesInvalid", 2034, "The session ends before it starts");
const WINDOW: (&str, i64, &str) = ("WindowInvalid", 2033, "The registration window closes before it opens");
const ID_TAKEN: (&str, i64, &str) = ("ExternalIdTaken", 2011, "The external id is already in use");
const NO_TRACK: (&str, i64, &str) = ("TrackInvalid", 2038, "Track is invalid");
const NO_SESSION: (&str, i64, &str) = ("SessionInvalid", 2039, "Session is invalid");
