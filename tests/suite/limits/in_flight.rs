use api::Limits;
use axum::http::StatusCode;
use macro_rules_attribute::apply;
use serde_json::{Value, json};
use tests::{HeldTransaction, REGISTER, Socket, TestApp, a_workshop, in_time, on_each_database};

use super::on_every_transport;

const SEATS: &str = "subscription ($id: ID!) { workshopSeats(workshopId: $id) { seatsTaken } }";

/// A server with one in-flight permit, which a registration holds. The registration waits until the database is
/// released.
pub(crate) async fn server_at_capacity(app: &TestApp) -> (TestApp, Socket, HeldTransaction) {
    let workshop = app.given(a_workshop()).await;
    let input = app.input(&workshop, "ann").await;
    let app = app.another_with_limits(Limits { max_in_flight: 1, ..app.limits() }).await;
    let mut busy = Socket::acknowledged(&app).await;
    let held = app.database.block_writes().await;
    let variables = json!({ "workshopId": workshop.id, "input": input });
    busy.subscribe("1", &json!({ "query": REGISTER, "variables": variables })).await;
    // The server reads messages in order: when it answers the ping, it has read the operation.
    let busy = busy.assert_open().await;
    (app, busy, held)
}

#[apply(on_each_database)]
async fn an_operation_beyond_the_in_flight_limit_is_rejected_on_every_transport(app: TestApp) {
    let (app, mut busy, held) = server_at_capacity(&app).await;
    for (way, answer) in on_every_transport(&app, "{ __typename }").await {
        let extensions = &answer["errors"][0]["extensions"];
        assert_eq!(*extensions, json!({ "code": "OVERLOADED", "retryAfter": 1 }), "{way}: {answer:#}");
    }
    let answer = app.graphql("{ __typename }", &Value::Null).await;
    assert_eq!((answer.status, answer.header("retry-after")), (StatusCode::SERVICE_UNAVAILABLE, Some("1")));
    held.rollback().await;
    assert_eq!(busy.expect_data("1").await["status"], "REGISTERED");
    in_time(async { while app.graphql("{ __typename }", &Value::Null).await.status != StatusCode::OK {} }).await;
}

#[apply(on_each_database)]
async fn an_open_subscription_needs_no_in_flight_permit(app: TestApp) {
    let workshop = app.given(a_workshop()).await;
    let app = app.another_with_limits(Limits { max_in_flight: 1, ..app.limits() }).await;
    let mut socket = Socket::acknowledged(&app).await;
    socket.subscribe("seats", &json!({ "query": SEATS, "variables": { "id": workshop.id } })).await;
    assert_eq!(socket.expect_data("seats").await["seatsTaken"], 0);
    for (id, of) in [("all", ""), ("none", r#"(filter: { workshopId: "nonsense" })"#)] {
        let query = format!("subscription {{ changes{of} {{ cursor }} }}");
        socket.subscribe(id, &json!({ "query": query })).await;
        // A started subscription sends no message. It holds the permit only until it has started.
        socket = socket.assert_open().await;
        in_time(async { while app.graphql("{ __typename }", &Value::Null).await.status != StatusCode::OK {} }).await;
    }
    app.register(&workshop, "ann").await.registration();
    assert_eq!(app.store.follower_counts().await.unwrap().journal_followers, 1);
}

#[apply(on_each_database)]
async fn a_rejected_operation_releases_its_in_flight_permit(app: TestApp) {
    let app = app.another_with_limits(Limits { max_in_flight: 1, ..app.limits() }).await;
    for document in ["{ nonsense }", "{", "subscription { nonsense }", "{ __typename }"] {
        for (way, answer) in on_every_transport(&app, document).await {
            assert_ne!(answer["errors"][0]["extensions"]["code"], "OVERLOADED", "{way}: {document}");
        }
    }
}
