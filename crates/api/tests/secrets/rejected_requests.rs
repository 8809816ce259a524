use serde_json::{Value, json};

use crate::{
    MARKER,
    monitored_server::{CREATE_GUEST, guest},
};

const REGISTER: &str = "mutation ($workshopId: ID!, $input: RegisterGuestInput!) {
    registerGuest(workshopId: $workshopId, input: $input) { __typename ... on Problem { message } } }";

/// GraphQL requests that are rejected or answered with a problem, each for a different reason.
pub(crate) fn rejected_requests(workshop: &str) -> Vec<Value> {
    let register = |input: Value| json!({ "query": REGISTER, "variables": { "workshopId": workshop, "input": input } });
    let create = |input: Value| json!({ "query": CREATE_GUEST, "variables": { "input": input } });
    let list = |variables: Value| {
        let query = "query ($first: Int, $after: String, $filter: GuestFilter) {
            guests(first: $first, after: $after, filter: $filter) { totalCount } }";
        json!({ "query": query, "variables": variables })
    };
    let literal = |query: String| json!({ "query": query });
    vec![
        create(guest(" is no address", "", "-2")),
        create(guest("@example.org", "", "-1")),
        create(json!({ "givenName": MARKER, "unknown": MARKER })),
        create(json!(MARKER)),
        register(json!({ "trackId": MARKER, "guestId": MARKER, "centerId": MARKER, "idempotencyKey": MARKER })),
        register(json!({ "trackId": 1, "guestId": MARKER, "centerId": MARKER, "idempotencyKey": MARKER.repeat(30) })),
        list(json!({ "first": MARKER })),
        list(json!({ "after": MARKER })),
        list(json!({ "filter": { "unknown": MARKER } })),
        list(json!({ "filter": { "text": [[MARKER]] } })),
        literal(format!("{{ guests(first: \"{MARKER}\") {{ totalCount }} }}")),
        literal(format!("{{ workshop(id: \"{MARKER}\") {{ id }} node(id: \"gst_{MARKER}\") {{ id }} }}")),
        literal(format!("{{ registration(id: \"{MARKER}")),
        literal(format!(
            "mutation {{ cancelRegistration(registrationId: \"{MARKER}\", reason: \"{MARKER}\") {{ __typename }} }}"
        )),
        json!({ "query": "{ __typename }", "variables": MARKER }),
        json!({ "query": "{ __typename }", "extensions": { "persistedQuery": MARKER } }),
        json!({ "documentId": MARKER }),
    ]
}
