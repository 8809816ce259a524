//! Slow, silent, excess and disconnected clients.

use std::time::Duration;

use api::Limits;
use futures_util::StreamExt;
use macro_rules_attribute::apply;
use serde_json::{Value, json};
use tests::{Socket, TestApp, a_workshop, connect_with_small_buffer, in_time, on_each_database};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_tungstenite::tungstenite::{Message, protocol::frame::coding::CloseCode};

use super::{CHANGES, SEATS, journal, operation, wait_for_followers};

/// A subscription with fifty titles of 100 KB for each change: no operating system buffers two of them for a client that
/// does not read.
fn large_subscription() -> Value {
    let titles: Vec<_> = (0..50).map(|number| format!("a{number}: workshop {{ title }}")).collect();
    operation(&format!("subscription {{ changes {{ {} }} }}", titles.join(" ")), &Value::Null)
}

#[apply(on_each_database)]
async fn a_client_that_reads_nothing_is_disconnected_with_a_reason(app: TestApp) {
    let limits = Limits { websocket_write_timeout: Duration::from_secs(2), ..Limits::default() };
    let app = app.another_with_limits(limits).await;
    let workshop = app.given(a_workshop().capacity(None).title(&"long ".repeat(20_000))).await;
    let mut socket = Socket::with_small_buffer(&app).await;
    socket.subscribe("1", &large_subscription()).await;
    let mut other = Socket::acknowledged(&app).await;
    other.subscribe("1", &operation(SEATS, &json!({ "id": workshop.id }))).await;
    wait_for_followers(&app, 1, 1).await;
    app.register(&workshop, "ann").await.registration();
    app.register(&workshop, "bob").await.registration();
    // The slow client does not delay others.
    while other.expect_data("1").await["seatsTaken"] != 2 {}
    // The server has released its resources although the client has not read anything.
    wait_for_followers(&app, 1, 0).await;
    // When the client reads again, it gets the reason.
    let close = in_time(async {
        loop {
            match socket.0.next().await {
                Some(Ok(Message::Close(Some(frame)))) => return frame,
                Some(Ok(_)) => {}
                other => panic!("{other:?}"),
            }
        }
    })
    .await;
    assert_eq!((close.code, &*close.reason), (CloseCode::Again, "Messages were not accepted in time"));
}

#[apply(on_each_database)]
async fn an_event_stream_that_is_not_read_is_closed(app: TestApp) {
    let limits = Limits { websocket_write_timeout: Duration::from_millis(100), ..Limits::default() };
    let app = app.another_with_limits(limits).await;
    let workshop = app.given(a_workshop().capacity(None).title(&"long ".repeat(20_000))).await;
    let body = large_subscription().to_string();
    let mut stream = connect_with_small_buffer(&app).await;
    let head = format!(
        "POST /graphql HTTP/1.1\r\nhost: a\r\naccept: text/event-stream\r\ncontent-type: application/json\r\n\
         content-length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(format!("{head}{body}").as_bytes()).await.unwrap();
    wait_for_followers(&app, 0, 1).await;
    app.register(&workshop, "ann").await.registration();
    app.register(&workshop, "bob").await.registration();
    wait_for_followers(&app, 0, 0).await;
}

#[apply(on_each_database)]
async fn a_client_that_answers_no_pings_is_disconnected(app: TestApp) {
    let limits = Limits { websocket_ping_interval: Duration::from_millis(50), ..Limits::default() };
    let app = app.another_with_limits(limits).await;
    let silent = Socket::acknowledged(&app).await;
    let mut active = Socket::acknowledged(&app).await;
    // Reads raw bytes, so that no WebSocket library answers pings.
    let mut bytes = Vec::new();
    let reading = async {
        let mut stream = silent.0.into_inner();
        stream.read_to_end(&mut bytes).await.unwrap();
    };
    let answering = async {
        for _ in 0..10 {
            assert!(matches!(active.0.next().await, Some(Ok(Message::Ping(_)))));
        }
    };
    in_time(async { tokio::join!(reading, answering) }).await;
    assert!(String::from_utf8_lossy(&bytes).contains("A ping was not answered in time"));
}

#[apply(on_each_database)]
async fn a_disconnected_client_leaves_no_subscription(app: TestApp) {
    let mut workshops = Vec::new();
    for _ in 0..5 {
        workshops.push(app.given(a_workshop()).await);
    }
    let mut socket = Socket::acknowledged(&app).await;
    for (number, workshop) in workshops.iter().enumerate() {
        socket.subscribe(&number.to_string(), &operation(SEATS, &json!({ "id": workshop.id }))).await;
    }
    socket.subscribe("changes", &operation(CHANGES, &Value::Null)).await;
    let mut another = Socket::acknowledged(&app).await;
    another.subscribe("1", &operation(SEATS, &json!({ "id": workshops[0].id }))).await;
    wait_for_followers(&app, 5, 1).await;
    socket.send_json(&json!({ "type": "complete", "id": "changes" })).await;
    socket.send_json(&json!({ "type": "complete", "id": "4" })).await;
    wait_for_followers(&app, 4, 0).await;
    drop(socket);
    wait_for_followers(&app, 1, 0).await;
    drop(another);
    wait_for_followers(&app, 0, 0).await;
}

#[apply(on_each_database)]
async fn the_number_of_subscriptions_is_limited(app: TestApp) {
    let app = app.another_with_limits(Limits { max_subscriptions: 1, ..Limits::default() }).await;
    let workshop = app.given(a_workshop()).await;
    let seats = operation(SEATS, &json!({ "id": workshop.id }));
    let mut socket = Socket::acknowledged(&app).await;
    socket.subscribe("1", &seats).await;
    assert_eq!(socket.expect_data("1").await["seatsTaken"], 0);
    socket.subscribe("2", &seats).await;
    let refused = socket.receive().await;
    assert_eq!(refused["type"], "error");
    assert_eq!(refused["payload"][0]["extensions"]["code"], "OVERLOADED");
    socket.send_json(&json!({ "type": "complete", "id": "1" })).await;
    wait_for_followers(&app, 0, 0).await;
    socket.subscribe("2", &seats).await;
    assert_eq!(socket.expect_data("2").await["seatsTaken"], 0);
}

#[apply(on_each_database)]
async fn a_subscription_has_exactly_one_root_field(app: TestApp) {
    let mut socket = Socket::acknowledged(&app).await;
    for query in [
        "subscription { changes { id } other: changes { id } }",
        "subscription { ...Two } fragment Two on Subscription { changes { id } workshopSeats(workshopId: \"a\") { capacity } }",
        "subscription { __typename }",
        "subscription ($yes: Boolean = true) { changes @include(if: $yes) { id } }",
        "subscription { ... on Query { __typename } }",
        "subscription { changes }",
    ] {
        socket.subscribe("1", &operation(query, &Value::Null)).await;
        let refused = socket.receive().await;
        assert_eq!(refused["type"], "error", "{query}");
        assert_eq!(refused["payload"][0]["extensions"]["code"], "GRAPHQL_VALIDATION_FAILED", "{query}: {refused:#}");
    }
    let workshop = app.given(a_workshop()).await;
    let folded = "subscription ($id: ID!) { ...Root }
        fragment Root on Subscription { ... { workshopSeats(workshopId: $id) { ...Seats } } }
        fragment Seats on WorkshopSeats { seatsTaken }";
    socket.subscribe("1", &operation(folded, &json!({ "id": workshop.id }))).await;
    assert_eq!(socket.expect_data("1").await, json!({ "seatsTaken": 0 }));
}

#[apply(on_each_database)]
async fn a_panicking_resolver_ends_only_its_subscription(app: TestApp) {
    let workshop = app.given(a_workshop()).await;
    app.register(&workshop, "ann").await.registration();
    app.register(&workshop, "bob").await.registration();
    journal(&app, 2).await;
    let first = app.query("{ changes(first: 1) { pageInfo { endCursor } } }").await["pageInfo"]["endCursor"].clone();
    let mut socket = Socket::acknowledged(&app).await;
    // The next read of the clock panics. The resolver of `registrationState` does it.
    app.clock.panic_after_reads(0);
    let query = "subscription ($after: String) { changes(after: $after) { workshop { registrationState } } }";
    socket.subscribe("1", &operation(query, &json!({ "after": first }))).await;
    let error = socket.receive().await;
    assert_eq!(error["type"], "error");
    assert_eq!(error["payload"][0]["extensions"]["code"], "INTERNAL_SERVER_ERROR");
    assert!(error["payload"][0]["extensions"]["requestId"].is_string());
    socket.subscribe("1", &operation(query, &json!({ "after": first }))).await;
    assert_eq!(socket.expect_data("1").await["workshop"]["registrationState"], "OPEN");
}
