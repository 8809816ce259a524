//! GraphQL over WebSocket: the `graphql-transport-ws` protocol, message by message, against a server on a real socket.

use macro_rules_attribute::apply;
use serde_json::json;
use tests::{REGISTER, Socket, TestApp, a_workshop, on_each_database};
use tokio::io::AsyncWriteExt;
use tokio_tungstenite::tungstenite::Message;

#[apply(on_each_database)]
async fn queries_and_mutations_are_answered_and_completed(app: TestApp) {
    let workshop = app.given(a_workshop()).await;
    let mut socket = Socket::acknowledged(&app).await;
    let variables = json!({ "workshopId": workshop.id, "input": app.input(&workshop, "ann").await });
    socket.subscribe("1", &json!({ "query": REGISTER, "variables": variables })).await;
    let next = socket.receive().await;
    assert_eq!((&next["type"], &next["id"]), (&json!("next"), &json!("1")));
    assert_eq!(next["payload"]["data"]["registerGuest"]["status"], "REGISTERED");
    assert_eq!(socket.receive().await, json!({ "type": "complete", "id": "1" }));
    // An id can be reused once its operation is complete.
    socket.subscribe("1", &json!({ "query": "{ __typename }" })).await;
    assert_eq!(socket.receive().await["payload"]["data"], json!({ "__typename": "Query" }));
    assert_eq!(socket.receive().await["type"], "complete");
}

#[apply(on_each_database)]
async fn every_message_that_the_protocol_allows_is_accepted(app: TestApp) {
    let mut socket = Socket::open(&app).await;
    // A ping can come before the acknowledgment and can have a payload.
    socket.send_json(&json!({ "type": "ping", "payload": { "a": 1 } })).await;
    assert_eq!(socket.receive().await, json!({ "type": "pong" }));
    socket.send_json(&json!({ "type": "connection_init", "payload": null })).await;
    assert_eq!(socket.receive().await, json!({ "type": "connection_ack" }));
    // A client can send unsolicited pongs and complete operations that have already ended.
    for message in [json!({ "type": "pong" }), json!({ "type": "complete", "id": "ended" })] {
        socket.send_json(&message).await;
    }
    socket.assert_open().await;
}

#[apply(on_each_database)]
async fn a_request_error_is_sent_as_an_error_message(app: TestApp) {
    let mut socket = Socket::acknowledged(&app).await;
    let deep = format!("{{node(id:{}", "[".repeat(5_000));
    for (query, code) in
        [("{", "GRAPHQL_PARSE_FAILED"), (&deep, "GRAPHQL_PARSE_FAILED"), ("{ nonsense }", "GRAPHQL_VALIDATION_FAILED")]
    {
        socket.subscribe("1", &json!({ "query": query })).await;
        let error = socket.receive().await;
        assert_eq!((&error["type"], &error["id"]), (&json!("error"), &json!("1")));
        assert_eq!(error["payload"][0]["extensions"]["code"], code);
    }
    socket.send_json(&json!({ "type": "ping" })).await;
    assert_eq!(socket.receive().await, json!({ "type": "pong" }));
}

#[apply(on_each_database)]
async fn a_protocol_violation_closes_with_its_code(app: TestApp) {
    let mut early = Socket::open(&app).await;
    early.subscribe("1", &json!({ "query": "{ __typename }" })).await;
    assert_eq!(early.close_code().await, 4401);

    let mut twice = Socket::acknowledged(&app).await;
    twice.send_json(&json!({ "type": "connection_init" })).await;
    assert_eq!(twice.close_code().await, 4429);

    for nonsense in [
        "{",
        "1",
        r#"{"type":"nonsense"}"#,
        r#"{"type":"subscribe"}"#,
        r#"{"type":"subscribe","id":"","payload":{"query":"{ __typename }"}}"#,
        r#"{"type":"subscribe","id":"1","payload":{"query":1}}"#,
        r#"{"type":"complete"}"#,
        r#"{"type":"ping","type":"ping"}"#,
        r#"{"type":"subscribe","id":1,"payload":{"query":"{ __typename }"}}"#,
        r#"{"type":"subscribe","id":"1","payload":{}}"#,
        r#"{"type":"next","id":"1","payload":{}}"#,
        r#"{"type":"connection_ack"}"#,
        "[]",
    ] {
        let mut socket = Socket::acknowledged(&app).await;
        socket.send(Message::text(nonsense)).await;
        assert_eq!(socket.close_code().await, 4400, "{nonsense}");
    }
    let mut binary = Socket::acknowledged(&app).await;
    binary.send(Message::binary(vec![1])).await;
    assert_eq!(binary.close_code().await, 4400);

    let mut large = Socket::acknowledged(&app).await;
    large.send(Message::text("x".repeat(300_000))).await;
    assert_eq!(large.close_code().await, 1009);
}

#[apply(on_each_database)]
async fn a_malformed_frame_closes_with_the_code_of_the_websocket_standard(app: TestApp) {
    // A client masks its frames; these have a mask of zeros.
    for (frame, code) in [
        (&[0x81, 0x82, 0, 0, 0, 0, 0xff, 0xfe][..], 1007),
        // Half a character at the end of the text.
        (&[0x81, 0x81, 0, 0, 0, 0, 0xc3][..], 1007),
        (&[0x83, 0x80, 0, 0, 0, 0][..], 1002),
        (&[0x8b, 0x80, 0, 0, 0, 0][..], 1002),
        // A reserved bit, an unmasked frame, and the continuation of nothing.
        (&[0xc1, 0x80, 0, 0, 0, 0][..], 1002),
        (&[0x81, 0x00][..], 1002),
        (&[0x80, 0x80, 0, 0, 0, 0][..], 1002),
    ] {
        let mut socket = Socket::acknowledged(&app).await;
        socket.0.get_mut().write_all(frame).await.unwrap();
        assert_eq!(socket.close_code().await, code, "{frame:x?}");
    }
}

#[apply(on_each_database)]
async fn an_operation_id_in_use_closes_the_connection(app: TestApp) {
    let workshop = app.given(a_workshop()).await;
    let variables = json!({ "workshopId": workshop.id, "input": app.input(&workshop, "ann").await });
    let register = json!({ "query": REGISTER, "variables": variables });
    let mut socket = Socket::acknowledged(&app).await;
    // The held database keeps the first operation running when the second one arrives.
    let held = app.database.block_writes().await;
    socket.subscribe("1", &register).await;
    socket.subscribe("1", &register).await;
    assert_eq!(socket.close_code().await, 4409);
    held.rollback().await;
}

#[apply(on_each_database)]
async fn an_operation_completed_by_the_client_sends_no_more_messages(app: TestApp) {
    let workshop = app.given(a_workshop()).await;
    let variables = json!({ "workshopId": workshop.id, "input": app.input(&workshop, "ann").await });
    let mut socket = Socket::acknowledged(&app).await;
    let held = app.database.block_writes().await;
    socket.subscribe("1", &json!({ "query": REGISTER, "variables": variables })).await;
    socket.send_json(&json!({ "type": "complete", "id": "1" })).await;
    // When the server answers the ping, it has read all earlier messages.
    socket.send_json(&json!({ "type": "ping" })).await;
    assert_eq!(socket.receive().await, json!({ "type": "pong" }));
    held.rollback().await;
    // Whether or not the first operation ran, it has ended when the second one completes.
    let other = app.given(a_workshop()).await;
    let variables = json!({ "workshopId": other.id, "input": app.input(&other, "ann").await });
    socket.subscribe("2", &json!({ "query": REGISTER, "variables": variables })).await;
    assert_eq!(socket.receive().await["id"], "2");
    assert_eq!(socket.receive().await, json!({ "type": "complete", "id": "2" }));
    socket.send_json(&json!({ "type": "ping" })).await;
    assert_eq!(socket.receive().await, json!({ "type": "pong" }));
}

#[apply(on_each_database)]
async fn a_stopping_server_closes_with_going_away(app: TestApp) {
    let socket = Socket::acknowledged(&app).await;
    app.stop.stop();
    assert_eq!(socket.close_code().await, 1001);
}

#[apply(on_each_database)]
async fn a_stopping_server_finishes_running_mutations_and_rejects_new_operations(app: TestApp) {
    let workshop = app.given(a_workshop()).await;
    let variables = json!({ "workshopId": workshop.id, "input": app.input(&workshop, "ann").await });
    let mut socket = Socket::acknowledged(&app).await;
    let held = app.database.block_writes().await;
    socket.subscribe("live", &json!({ "query": "subscription { changes { cursor } }" })).await;
    socket.subscribe("1", &json!({ "query": REGISTER, "variables": variables })).await;
    let mut socket = socket.assert_open().await;
    app.stop.stop();
    socket.subscribe("2", &json!({ "query": "{ __typename }" })).await;
    let refused = socket.receive().await;
    assert_eq!((&refused["type"], &refused["id"]), (&json!("error"), &json!("2")), "{refused:#}");
    assert_eq!(refused["payload"][0]["extensions"], json!({ "code": "SERVICE_UNAVAILABLE", "retryAfter": 1 }));
    held.rollback().await;
    assert_eq!(socket.expect_data("1").await["status"], "REGISTERED");
    assert_eq!(socket.receive().await, json!({ "type": "complete", "id": "1" }));
    assert_eq!(socket.close_code().await, 1001);
}

#[apply(on_each_database)]
async fn another_subprotocol_is_rejected(app: TestApp) {
    assert!(Socket::open_with_protocol(&app, "graphql-ws").await.is_err());
}

#[apply(on_each_database)]
async fn an_unknown_persisted_document_is_requested_from_the_client(app: TestApp) {
    let extensions = json!({ "persistedQuery": { "version": 1, "sha256Hash":
        "7f56e67dd21ab3f30d1ff8b7bed08893f0a0db86449836189b361dd1e56ddb4b" } });
    let mut socket = Socket::acknowledged(&app).await;
    socket.subscribe("1", &json!({ "extensions": extensions })).await;
    let error = socket.receive().await;
    assert_eq!((&error["type"], &error["id"]), (&json!("error"), &json!("1")));
    assert_eq!(error["payload"][0]["message"], "PersistedQueryNotFound");
    // The socket stays open, and the id can be reused.
    for payload in [json!({ "query": "{ __typename }", "extensions": extensions }), json!({ "extensions": extensions })]
    {
        socket.subscribe("1", &payload).await;
        assert_eq!(socket.receive().await["payload"]["data"], json!({ "__typename": "Query" }));
        assert_eq!(socket.receive().await["type"], "complete");
    }
}
