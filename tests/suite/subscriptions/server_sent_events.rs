//! Server-sent events: the distinct connections mode of the graphql-sse protocol.

use std::time::Duration;

use api::Limits;
use axum::{
    body::Body,
    http::{Request, StatusCode, header},
};
use macro_rules_attribute::apply;
use serde_json::{Value, json};
use tests::{REGISTER, TestApp, a_workshop, on_each_database};

use super::SEATS;

#[apply(on_each_database)]
async fn a_subscription_is_sent_as_events(app: TestApp) {
    let workshop = app.given(a_workshop()).await;
    let mut events = app.subscribe(SEATS, &json!({ "id": workshop.id })).await;
    assert_eq!(events.status, StatusCode::OK);
    let header = |name: &str| events.headers[name].to_str().unwrap().to_owned();
    assert_eq!(
        (header("content-type"), header("cache-control")),
        ("text/event-stream".to_owned(), "no-store".to_owned())
    );
    assert_eq!(events.expect_data().await["seatsTaken"], 0);
    app.register(&workshop, "ann").await.registration();
    assert_eq!(events.expect_data().await["seatsTaken"], 1);
}

#[apply(on_each_database)]
async fn a_browser_can_subscribe_with_get(app: TestApp) {
    let workshop = app.given(a_workshop()).await;
    let query = format!("subscription%7BworkshopSeats(workshopId:%22{}%22)%7BseatsTaken%7D%7D", workshop.id);
    let get = |origin: Option<&str>| {
        let mut request = Request::get(format!("/graphql?query={query}")).header(header::ACCEPT, "text/event-stream");
        if let Some(origin) = origin {
            request = request.header(header::ORIGIN, origin).header(header::HOST, "atelier.example");
        }
        request.body(Body::empty()).unwrap()
    };
    for origin in [None, Some("http://atelier.example")] {
        assert_eq!(app.events(get(origin)).await.expect_data().await, json!({ "seatsTaken": 0 }));
    }
    let refused = app.send(get(Some("http://elsewhere.example"))).await;
    assert_eq!((refused.status, refused.error_code()), (StatusCode::FORBIDDEN, "FORBIDDEN"));
}

#[apply(on_each_database)]
async fn queries_and_mutations_are_sent_as_one_event_and_completed(app: TestApp) {
    let workshop = app.given(a_workshop()).await;
    let input = app.input(&workshop, "ann").await;
    let mut answered = app.subscribe(REGISTER, &json!({ "workshopId": workshop.id, "input": input })).await;
    assert_eq!(answered.expect_data().await["status"], "REGISTERED");
    assert_eq!(answered.event().await.unwrap().0, "complete");
    assert_eq!(answered.event().await, None);
    let mut answered = app.subscribe("{ __typename }", &Value::Null).await;
    assert_eq!(answered.answer().await["data"], json!({ "__typename": "Query" }));
    assert_eq!(answered.event().await.unwrap().0, "complete");
}

#[apply(on_each_database)]
async fn request_errors_are_sent_as_events(app: TestApp) {
    for (query, code) in [
        ("{", "GRAPHQL_PARSE_FAILED"),
        ("subscription { nonsense }", "GRAPHQL_VALIDATION_FAILED"),
        ("subscription { workshopSeats(workshopId: \"nonsense\") { capacity } }", "BAD_USER_INPUT"),
    ] {
        let mut refused = app.subscribe(query, &Value::Null).await;
        assert_eq!(refused.status, StatusCode::OK);
        let answer = refused.answer().await;
        assert_eq!(answer["errors"][0]["extensions"]["code"], code);
        assert!(answer.get("data").is_none(), "{answer:#}");
        assert_eq!(refused.event().await.unwrap().0, "complete");
        assert_eq!(refused.event().await, None);
    }
}

#[apply(on_each_database)]
async fn a_subscription_requested_as_json_is_not_acceptable(app: TestApp) {
    let refused = app.graphql("subscription { changes { id } }", &Value::Null).await;
    assert_eq!((refused.status, refused.error_code()), (StatusCode::NOT_ACCEPTABLE, "BAD_REQUEST"));
    assert!(refused.error_message().contains("text/event-stream"));
}

#[apply(on_each_database)]
async fn a_silent_stream_sends_keep_alives(app: TestApp) {
    let limits = Limits { websocket_ping_interval: Duration::from_millis(20), ..Limits::default() };
    let app = app.another_with_limits(limits).await;
    let mut events = app.subscribe("subscription { changes { id } }", &Value::Null).await;
    for _ in 0..3 {
        assert_eq!(events.block().await.unwrap(), ":");
    }
}

#[apply(on_each_database)]
async fn a_stopping_server_ends_its_streams_without_completing_them(app: TestApp) {
    let workshop = app.given(a_workshop()).await;
    let mut events = app.subscribe(SEATS, &json!({ "id": workshop.id })).await;
    assert_eq!(events.expect_data().await["seatsTaken"], 0);
    app.stop.stop();
    assert_eq!(events.event().await, None, "a client reconnects unless it gets a complete event");
}
