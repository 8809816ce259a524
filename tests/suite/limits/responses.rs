//! The size of a response is limited while the response is built. The estimated cost does not matter for that.

use api::{DocumentLimits, Limits, RateLimits, ResponseLimits};
use axum::http::{Method, StatusCode};
use chrono::TimeDelta;
use domain::{Actor, access::Access};
use macro_rules_attribute::apply;
use serde_json::{Value, json};
use tests::{Answer, Socket, TestApp, Workshop, a_workshop, on_each_database};

use super::on_every_transport;

/// A workshop with twelve sessions on one track.
async fn a_dozen(app: &TestApp) -> Workshop {
    app.given(a_workshop().title("A dozen").sessions((1..=12).map(TimeDelta::days))).await
}

/// A query for the sessions of the track of each session of …, which lists 12 to the power of `levels` sessions.
fn nested(workshop: &Workshop, levels: usize) -> String {
    let (open, close) = ("sessions{track{".repeat(levels), "}}".repeat(levels));
    format!("{{workshop(id:\"{}\"){{tracks{{{open}id{close}}}}}}}", workshop.id)
}

/// A server on which the estimated cost stops nothing.
pub(super) async fn with_response_limits(app: &TestApp, response: ResponseLimits) -> TestApp {
    let documents = DocumentLimits { cost: usize::MAX >> 1, ..DocumentLimits::default() };
    let rate = RateLimits { per_minute: 0, ..RateLimits::default() };
    app.another_with_limits(Limits { documents, response, rate, ..Limits::default() }).await
}

fn objects(objects: usize) -> ResponseLimits {
    ResponseLimits { objects, ..ResponseLimits::default() }
}

fn bytes(bytes: usize) -> ResponseLimits {
    ResponseLimits { bytes, ..ResponseLimits::default() }
}

/// Asserts that a response was stopped at this limit.
fn assert_too_large(body: &Value, setting: &str, limit: usize) {
    let expected = json!({ "code": "RESPONSE_TOO_LARGE", "limit": limit, "setting": setting });
    assert_eq!(body["errors"][0]["extensions"], expected, "{body:.2000}");
    assert_eq!(body["errors"].as_array().map(Vec::len), Some(1), "{body:.2000}");
    assert!(body["errors"][0]["message"].as_str().unwrap().contains(&limit.to_string()), "{body:.2000}");
    assert_eq!(body.get("data"), None, "{body:.2000}");
}

#[apply(on_each_database)]
async fn lists_without_a_page_size_have_a_length_in_the_cost(app: TestApp) {
    let workshop = a_dozen(&app).await;
    let cost = async |levels: usize| {
        let answer = app.graphql(&nested(&workshop, levels), &Value::Null).await;
        answer.body["extensions"]["cost"]["requested"].as_u64().unwrap()
    };
    // Five for the statement and one for the id, for each of four sessions on each of two tracks.
    assert_eq!([cost(0).await, cost(1).await], [5 + 5 + 2, 5 + 5 + 2 * (5 + 4 * (5 + 1))]);
    assert!(cost(3).await > 3 * cost(2).await);
    let refused = app.graphql(&nested(&workshop, 6), &Value::Null).await;
    assert_eq!(refused.body["errors"][0]["extensions"]["setting"], "document-cost", "{:#}", refused.body);
}

#[apply(on_each_database)]
async fn a_response_with_too_many_objects_is_stopped_on_every_transport(app: TestApp) {
    let workshop = a_dozen(&app).await;
    let limited = with_response_limits(&app, ResponseLimits::default()).await;
    for (way, answer) in on_every_transport(&limited, &nested(&workshop, 6)).await {
        assert_too_large(&answer, "response-objects", 12_000);
        assert!(answer.to_string().len() < 1_000, "{way}");
    }
    let answer = limited.graphql(&nested(&workshop, 3), &Value::Null).await;
    assert_eq!(answer.field()["tracks"][0]["sessions"].as_array().map(Vec::len), Some(12));
}

#[apply(on_each_database)]
async fn a_response_with_too_many_bytes_is_stopped_on_every_transport(app: TestApp) {
    let limited = with_response_limits(&app, bytes(100_000)).await;
    let center = app.center("A center").await;
    let input = |number: usize| json!({ "title": number.to_string(), "description": "é".repeat(5_000), "centerIds": [center.to_string()] });
    for number in 0..11 {
        let create =
            "mutation ($input: CreateWorkshopInput!) { createWorkshop(input: $input) { ... on Workshop { id } } }";
        assert!(app.graphql(create, &json!({ "input": input(number) })).await.field()["id"].is_string());
    }
    for fields in ["description", "...F", "description centers { id }", "... on Workshop { description tracks { id } }"]
    {
        let query = |first: usize| {
            format!(
                "{{ workshops(first: {first}) {{ nodes {{ {fields} }} }} }} fragment F on Workshop {{ description }}"
            )
        };
        let query = |first| {
            if fields == "...F" {
                query(first)
            } else {
                query(first).replace("fragment F on Workshop { description }", "")
            }
        };
        assert_eq!(limited.graphql(&query(9), &Value::Null).await.field()["nodes"].as_array().map(Vec::len), Some(9));
        for (_, answer) in on_every_transport(&limited, &query(10)).await {
            assert_too_large(&answer, "response-bytes", 100_000);
        }
    }
}

#[apply(on_each_database)]
async fn a_too_large_event_ends_its_subscription(app: TestApp) {
    let workshop = a_dozen(&app).await;
    let limited = with_response_limits(&app, objects(1_000)).await;
    let sessions = |levels: usize| {
        let (open, close) = ("sessions{track{".repeat(levels), "}}".repeat(levels));
        json!({ "query": format!("subscription{{changes{{workshop{{tracks{{{open}id{close}}}}}}}}}") })
    };
    let mut socket = Socket::acknowledged(&limited).await;
    socket.subscribe("large", &sessions(3)).await;
    socket.subscribe("small", &sessions(2)).await;
    let mut events = limited.subscribe(sessions(3)["query"].as_str().unwrap(), &Value::Null).await;
    crate::subscriptions::wait_for_followers(&limited, 0, 3).await;
    for guest in ["ann", "bob", "cat", "dan"] {
        // Each event has a limit of its own.
        limited.register(&workshop, guest).await.registration();
    }
    let mut small = 0;
    while small < 4 {
        let message = socket.receive().await;
        if message["id"] == "small" {
            assert_eq!(message["payload"]["data"]["changes"]["workshop"]["tracks"].as_array().map(Vec::len), Some(1));
            small += 1;
        } else {
            assert_eq!(message["type"], "error");
            assert_too_large(&json!({ "errors": message["payload"] }), "response-objects", 1_000);
        }
    }
    assert_too_large(&events.answer().await, "response-objects", 1_000);
    assert_eq!(events.event().await.map(|(name, _)| name).as_deref(), Some("complete"));
}

#[apply(on_each_database)]
async fn a_mutation_whose_response_is_too_large_is_carried_out(app: TestApp) {
    let workshop = a_dozen(&app).await;
    let limited = with_response_limits(&app, objects(100)).await;
    let document = "mutation ($id: ID!, $input: RegisterGuestInput!) { registerGuest(workshopId: $id, input: $input) {
        ... on Registration { workshop { tracks { sessions { track { sessions { id } } } } } } } }";
    let input = app.input(&workshop, "ann").await;
    let answer = limited.graphql(document, &json!({ "id": workshop.id, "input": input })).await;
    assert_too_large(&answer.body, "response-objects", 100);
    assert_eq!(app.register_with(&workshop, &input).await.problem().0, "AlreadyRegistered");
}

#[apply(on_each_database)]
async fn the_rest_api_has_the_same_limits(app: TestApp) {
    let workshop = a_dozen(&app).await;
    let path = format!("/v1/workshops/{}", workshop.id);
    let get = async |limits: ResponseLimits, path: &str| {
        with_response_limits(&app, limits).await.call(Method::GET, path, None).await
    };
    // The workshop, a center, a track and twelve sessions.
    assert_eq!(get(objects(15), &path).await.expect_data("workshops")["sessions"].as_array().map(Vec::len), Some(12));
    for path in [&path, "/v1/workshops"] {
        for (limits, limit) in [(objects(14), "14 objects"), (bytes(2_000), "2000 bytes"), (objects(5), "5 objects")] {
            let refused = get(limits, path).await;
            let (status, code, message) = refused.expect_error("workshops");
            assert_eq!((status, code), (422, 2422));
            assert!(message.contains(limit), "{message}");
        }
    }
}

#[apply(on_each_database)]
async fn a_response_beyond_its_estimate_is_charged(app: TestApp) {
    let workshop = a_dozen(&app).await;
    let rate = RateLimits { per_minute: 6_000, burst: 6_000 };
    let limited = app.another_with_clock_ticks(Limits { rate, ..Limits::default() }).await;
    let remaining = |answer: &Answer| answer.body["extensions"]["cost"]["remaining"].as_u64().unwrap();
    let usual = limited.graphql(&nested(&workshop, 1), &Value::Null).await;
    assert_eq!(remaining(&usual), 6_000 - usual.body["extensions"]["cost"]["requested"].as_u64().unwrap());
    // 12³ sessions and their tracks.
    let large = limited.graphql(&nested(&workshop, 3), &Value::Null).await;
    let charged = remaining(&usual) - remaining(&large);
    assert!(large.body["extensions"]["cost"]["requested"].as_u64().unwrap() < 2_000);
    assert!((3_456..6_000).contains(&charged), "{charged}");
    assert_eq!(large.header("ratelimit").map(|level| level.contains(&format!("r={};", remaining(&large)))), Some(true));
    // The work is done, so the response arrives; the next operation waits.
    let last = limited.graphql(&nested(&workshop, 3), &Value::Null).await;
    assert_eq!((last.status, remaining(&last)), (StatusCode::OK, 0));
    assert_eq!(limited.graphql("{ viewer { kind } }", &Value::Null).await.error_code(), "RATE_LIMITED");
}

#[apply(on_each_database)]
async fn the_schema_is_printed_once_and_costs_what_its_size_costs(app: TestApp) {
    let rate = RateLimits { per_minute: 200_000, burst: 200_000 };
    let access = Access::unlimited(Actor::Anonymous);
    let limited = app.another_with_authentication(access, Limits { rate, ..Limits::default() }).await;
    let requested = |answer: &Answer| answer.body["extensions"]["cost"]["requested"].as_u64().unwrap();
    let sdl = limited.graphql("{ _service { sdl } }", &Value::Null).await;
    assert!(requested(&sdl) >= sdl.field()["sdl"].as_str().unwrap().len() as u64 / 100, "{}", requested(&sdl));
    let aliases = (0..20).map(|number| format!("s{number}: _service {{ sdl }} ")).collect::<Vec<_>>().concat();
    let refused = limited.graphql(&format!("{{ {aliases} }}"), &Value::Null).await;
    assert_eq!(refused.body["errors"][0]["extensions"]["setting"], "document-cost", "{:.500}", refused.body);
    let introspected = limited.graphql(include_str!("introspection.graphql"), &Value::Null).await;
    let size = introspected.data().to_string().len() as u64;
    assert!(requested(&introspected) >= size / 100, "{} for {size} bytes", requested(&introspected));
}
