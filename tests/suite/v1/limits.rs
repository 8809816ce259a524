//! Rate limits, in-flight permits and metrics: the REST API shares those of GraphQL.

use std::convert::Infallible;

use api::{Limits, RateLimits};
use axum::{
    body::{Body, Bytes},
    http::{Method, Request, StatusCode},
};
use chrono::TimeDelta;
use futures_util::{FutureExt, stream};
use macro_rules_attribute::apply;
use serde_json::Value;
use tests::{Answer, TestApp, a_workshop, in_time, now, on_each_database};

use super::{register, registrations, rest_body, run_action};
use crate::limits::in_flight::server_at_capacity;

const REGISTRATION: &str = "nodes { id status workshop { id } track { trackId } guest { id } center { id } fromWaitlist
    registeredAt checkedInAt cancelledAt } totalCount statusCounts { status count }";
const WORKSHOP: &str = "id title description status registrationState registrationOpensAt registrationClosesAt capacity
    seatsTaken seatsAvailable waitlistEnabled waitlistLength startsAt endsAt centers { id name }
    tracks { trackId name capacity seatsTaken } sessions { id track { trackId } center { id } title startsAt endsAt status }";

fn remaining(answer: &Answer) -> i64 {
    let level = answer.header("ratelimit").unwrap();
    level.split(';').find_map(|part| part.strip_prefix("r=")).unwrap().parse().unwrap()
}

#[apply(on_each_database)]
async fn a_rest_request_costs_as_much_as_the_graphql_operation(app: TestApp) {
    let rate = RateLimits { per_minute: 1_000_000, burst: 1_000_000 };
    let app = app.another_with_clock_ticks(Limits { rate, ..Limits::default() }).await;
    let problem = "... on Problem { code message }";
    let graph = [
        format!(
            "mutation {{ registerGuest(workshopId: \"\", input: {{}}) {{ ... on Registration {{ id status }} {problem} }} }}"
        ),
        format!(
            "mutation {{ checkInGuest(registrationId: \"\") {{ ... on Registration {{ id status }} {problem} }} }}"
        ),
        format!("mutation {{ undoCheckIn(registrationId: \"\") {{ ... on Registration {{ id status }} {problem} }} }}"),
        format!(
            "mutation {{ cancelRegistration(registrationId: \"\") {{
                ... on CancelRegistrationSuccess {{ registration {{ id status }} }} {problem} }} }}"
        ),
        format!(
            "{{ workshop(id: \"\") {{ capacity seatsTaken seatsAvailable waitlistLength
                registrations(first: 7) {{ {REGISTRATION} }} }} }}"
        ),
        format!("{{ guest(by: {{ id: \"\" }}) {{ registrations(first: 20) {{ {REGISTRATION} }} }} }}"),
        format!("{{ workshops(first: 7) {{ nodes {{ {WORKSHOP} }} totalCount }} }}"),
        format!("{{ workshop(id: \"\") {{ {WORKSHOP} }} }}"),
    ];
    let calls = [
        (Method::POST, "/v1/workshops/none/registrations"),
        (Method::PUT, "/v1/workshops/none/registrations/none/sign_in"),
        (Method::PUT, "/v1/workshops/none/registrations/none/undo_sign_in"),
        (Method::PUT, "/v1/workshops/none/registrations/none/cancel"),
        (Method::GET, "/v1/workshops/none/registrations?size=7"),
        (Method::GET, "/v1/guests/none/registrations"),
        (Method::GET, "/v1/workshops?size=7"),
        (Method::GET, "/v1/workshops/none"),
    ];
    let mut left = 1_000_000;
    for (document, (method, path)) in graph.iter().zip(calls) {
        let answer = app.graphql(document, &Value::Null).await;
        let cost =
            answer.body["extensions"]["cost"]["requested"].as_i64().unwrap_or_else(|| panic!("{:#}", answer.body));
        left -= cost;
        let call = app.call(method, path, None).await;
        assert_eq!(left - remaining(&call), cost, "{path}");
        left -= cost;
    }
}

#[apply(on_each_database)]
async fn a_rate_limited_response_says_when_to_retry(app: TestApp) {
    let rate = RateLimits { per_minute: 60, burst: 120 };
    let app = app.another_with_clock_ticks(Limits { rate, ..Limits::default() }).await;
    let path = "/v1/workshops/none/registrations/none/sign_in";
    for left in [66, 12] {
        let answer = app.call(Method::PUT, path, None).await;
        assert_eq!(answer.expect_error("registrations").1, 1004);
        assert_eq!(remaining(&answer), left);
    }
    let answer = app.call(Method::PUT, path, None).await;
    let (status, code, sentence) = answer.expect_error("registrations");
    assert_eq!((status, code, sentence), (429, 2429, "The rate limit is exceeded. Try again in 42 s."));
    assert_eq!(answer.header("retry-after"), Some("42"));
    assert_eq!(answer.header("ratelimit"), Some("\"cost\";r=12;t=42"));
    app.set_time(now() + TimeDelta::seconds(42));
    assert_eq!(app.call(Method::PUT, path, None).await.expect_error("registrations").1, 1004);
}

#[apply(on_each_database)]
async fn repeated_failed_logins_are_rate_limited(app: TestApp) {
    let rate = RateLimits { per_minute: 1_000, burst: 1_000 };
    let app = app.another_with_clock_ticks(Limits { rate, ..Limits::default() }).await;
    let guess = app.client().with_authorization("apikey nonsense");
    let guess = async || guess.call(Method::GET, "/v1/workshops", None).await;
    assert_eq!(guess().await.status, StatusCode::UNAUTHORIZED);
    let answer = guess().await;
    assert_eq!((answer.expect_error("workshops").0, answer.expect_error("workshops").1), (429, 2429));
    assert_eq!(answer.header("retry-after"), Some("60"));
}

#[apply(on_each_database)]
async fn a_slow_body_holds_no_in_flight_permit(app: TestApp) {
    let app = app.another_with_limits(Limits { max_in_flight: 1, ..app.limits() }).await;
    let never = || Body::from_stream(stream::pending::<Result<Bytes, Infallible>>());
    let register = Request::post(registrations("nowhere")).header("content-type", "application/json");
    let mut sending = Box::pin(app.send(register.body(never()).unwrap()));
    assert!(sending.as_mut().now_or_never().is_none(), "the body is incomplete");
    app.call(Method::GET, "/v1/workshops", None).await.expect_data("workshops");
    // The server does not wait for a body that it ignores.
    let answer = in_time(app.send(Request::get("/v1/workshops").body(never()).unwrap())).await;
    answer.expect_data("workshops");
}

#[apply(on_each_database)]
async fn a_request_beyond_the_in_flight_limit_is_rejected(app: TestApp) {
    let (app, mut busy, held) = server_at_capacity(&app).await;
    let answer = app.call(Method::GET, "/v1/workshops", None).await;
    assert_eq!((answer.expect_error("workshops").0, answer.expect_error("workshops").1), (503, 2503));
    assert_eq!(answer.header("retry-after"), Some("1"));
    held.rollback().await;
    assert_eq!(busy.expect_data("1").await["status"], "REGISTERED");
    in_time(async { while app.call(Method::GET, "/v1/workshops", None).await.status != StatusCode::OK {} }).await;
}

#[apply(on_each_database)]
async fn a_request_that_takes_too_long_returns_504(app: TestApp) {
    let workshop = app.given(a_workshop()).await;
    let body = rest_body(&app.input(&workshop, "ann").await);
    let app = app.another_with_limits(Limits { operation_timeout: std::time::Duration::ZERO, ..app.limits() }).await;
    let held = app.database.block_writes().await;
    let answer = app.call(Method::POST, &registrations(&workshop.id), Some(&body)).await;
    assert_eq!(answer.expect_error("registrations"), (504, 2504, "The operation took longer than 0 s."));
    held.rollback().await;
}

#[apply(on_each_database)]
async fn rest_requests_are_counted_and_journaled_like_graphql(app: TestApp) {
    let workshop = app.given(a_workshop()).await;
    let ann = register(&app, &workshop, "ann").await.expect_data("registrations").clone();
    register(&app, &workshop, "ann").await;
    run_action(&app, &workshop, &ann, "sign_in").await;
    app.call(Method::GET, "/v1/workshops?size=0", None).await;
    app.call(Method::GET, "/v1/nowhere", None).await;
    let text = app.metrics.text();
    for counted in [
        "atelier_operations_total{operation=\"registerGuest\",outcome=\"ok\"} 1",
        "atelier_operations_total{operation=\"registerGuest\",outcome=\"AlreadyRegistered\"} 1",
        "atelier_operations_total{operation=\"checkInGuest\",outcome=\"ok\"} 1",
        "atelier_operations_total{operation=\"workshops\",outcome=\"BAD_USER_INPUT\"} 1",
        "atelier_operations_total{operation=\"none\",outcome=\"BAD_REQUEST\"} 1",
        "atelier_operation_duration_seconds_count{operation=\"registerGuest\"} 2",
    ] {
        assert!(text.lines().any(|line| line == counted), "{counted} is not in\n{text}");
    }
    let client = app.client_for_guest("ann").await;
    let path = format!("{}/{}/undo_sign_in", registrations(&workshop.id), ann["id"].as_str().unwrap());
    assert_eq!(client.call(Method::PUT, &path, None).await.status, StatusCode::FORBIDDEN);
    app.call(Method::PUT, &path, None).await.expect_data("registrations");
    let path = format!("{}/{}/cancel", registrations(&workshop.id), ann["id"].as_str().unwrap());
    client.call(Method::PUT, &path, None).await.expect_data("registrations");
    let by = format!("SELECT COUNT(*) FROM journal WHERE status_after = 1 AND actor = '{}'", app.guest("ann").await);
    assert_eq!(app.database.number(&by).await, 1);
}
