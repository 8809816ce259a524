use std::time::Duration;

use futures_util::{
    FutureExt, StreamExt,
    future::{join_all, ready},
};
use macro_rules_attribute::apply;
use persistence::{ChangeFilter, Options};
use serde_json::{Value, json};
use tests::{Socket, TestApp, Workshop, a_workshop, in_time, on_each_database, on_postgres};

use super::{CHANGES, journal, operation, wait_for_followers};

async fn register(app: &TestApp, workshop: &Workshop, guests: std::ops::Range<usize>) {
    for guest in guests {
        app.register(workshop, &format!("guest {guest}")).await.registration();
    }
}

#[apply(on_each_database)]
async fn a_subscription_sends_all_changes_after_a_cursor_and_then_new_ones(app: TestApp) {
    let workshop = app.given(a_workshop().capacity(None)).await;
    register(&app, &workshop, 0..3).await;
    let all = journal(&app, 3).await;
    let first = app.query("{ changes(first: 1) { pageInfo { endCursor } nodes { cursor } } }").await;
    let after = &first["pageInfo"]["endCursor"];
    assert_eq!(*after, first["nodes"][0]["cursor"], "all fields return the same cursor");
    let mut socket = Socket::acknowledged(&app).await;
    socket.subscribe("1", &operation(CHANGES, &json!({ "after": after }))).await;
    for id in &all[1..] {
        assert_eq!(socket.expect_data("1").await["id"], *id);
    }
    register(&app, &workshop, 3..5).await;
    let received = [socket.expect_data("1").await["id"].clone(), socket.expect_data("1").await["id"].clone()];
    assert_eq!(received, journal(&app, 5).await[3..]);
}

#[apply(on_each_database)]
async fn a_subscription_without_a_cursor_starts_now_and_can_be_filtered(app: TestApp) {
    let (workshop, other) = (app.given(a_workshop().capacity(1)).await, app.given(a_workshop()).await);
    let ann = app.register(&workshop, "ann").await.registration().clone();
    journal(&app, 1).await;
    let mut socket = Socket::acknowledged(&app).await;
    let filter = json!({ "workshopId": workshop.id, "kind": ["PROMOTED", "CANCELLED"] });
    socket.subscribe("some", &operation(CHANGES, &json!({ "filter": filter }))).await;
    socket.subscribe("nothing", &operation(CHANGES, &json!({ "filter": { "workshopId": "nonsense" } }))).await;
    wait_for_followers(&app, 0, 1).await;
    app.waitlist(&workshop, "bob").await.registration();
    app.cancel(&ann).await.promoted();
    let elsewhere = app.register(&other, "ann").await.registration().clone();
    app.cancel(&elsewhere).await.promoted();
    app.register(&other, "eve").await.registration();
    let mut kinds =
        [socket.expect_data("some").await["kind"].clone(), socket.expect_data("some").await["kind"].clone()];
    // The order of changes within one transaction is not specified.
    kinds.sort_by_key(ToString::to_string);
    assert_eq!(kinds, ["CANCELLED", "PROMOTED"]);
    journal(&app, 7).await;
    socket.send_json(&json!({ "type": "ping" })).await;
    assert_eq!(socket.receive().await, json!({ "type": "pong" }), "no other change was sent");
}

#[apply(on_each_database)]
async fn a_client_that_resumes_at_another_server_gets_every_change_once_and_in_order(app: TestApp) {
    let workshop = app.given(a_workshop().capacity(None)).await;
    let mut received = Vec::new();
    let mut cursor = Value::Null;
    let mut socket = Socket::acknowledged(&app).await;
    socket.subscribe("1", &operation(CHANGES, &Value::Null)).await;
    wait_for_followers(&app, 0, 1).await;
    register(&app, &workshop, 0..5).await;
    for _ in 0..3 {
        let change = socket.expect_data("1").await;
        cursor = change["cursor"].clone();
        received.push(change["id"].clone());
    }
    // The first server stops, with two changes that the client has not read.
    let another = app.another().await;
    app.stop.stop();
    app.store.close().await;
    register(&another, &workshop, 5..150).await;
    let mut socket = Socket::acknowledged(&another).await;
    let resuming = async {
        socket.subscribe("1", &operation(CHANGES, &json!({ "after": cursor }))).await;
        while received.len() < 200 {
            received.push(socket.expect_data("1").await["id"].clone());
        }
    };
    let writing = join_all((150..200).map(|guest| async move { format!("guest {guest}") }).map(async |guest| {
        another.register(&workshop, &guest.await).await.registration();
    }));
    in_time(async { tokio::join!(resuming, writing) }).await;
    let mut journal = Vec::new();
    let mut page = json!({});
    while page["pageInfo"]["hasNextPage"] != false {
        let query = "query ($after: String) { changes(first: 100, after: $after) {
            nodes { id } pageInfo { endCursor hasNextPage } } }";
        let after = json!({ "after": page["pageInfo"]["endCursor"] });
        page = another.graphql(query, &after).await.field().clone();
        journal.extend(page["nodes"].as_array().unwrap().iter().map(|node| node["id"].clone()));
    }
    assert_eq!(received, journal);
}

#[apply(on_each_database)]
async fn a_slow_reader_catches_up_from_the_database(app: TestApp) {
    let workshop = app.given(a_workshop().capacity(None)).await;
    let unpaced = |_| ready(()).boxed();
    let reader = app.store.follow_changes(app.view(), None, ChangeFilter::default(), unpaced).await.unwrap();
    let mut reader = Box::pin(reader);
    // More batches than the feed keeps for a slow reader: each batch is read before the next one is written.
    for guest in 0..100 {
        register(&app, &workshop, guest..guest + 1).await;
        app.store.follower_counts().await.unwrap();
    }
    let all = journal(&app, 100).await;
    for id in all {
        let change = in_time(reader.next()).await.unwrap().unwrap();
        assert_eq!(id, format!("{}", domain::JournalEntryId::from_uuid(change.id)));
    }
}

// SQLite has one writer: no transaction can be open beside another.
#[apply(on_postgres)]
async fn a_change_is_sent_when_earlier_transactions_have_ended(app: TestApp) {
    let workshop = app.given(a_workshop()).await;
    let mut socket = Socket::acknowledged(&app).await;
    socket.subscribe("1", &operation(CHANGES, &Value::Null)).await;
    wait_for_followers(&app, 0, 1).await;
    let slow = "INSERT INTO journal (id, workshop_id, kind, status_after, actor, at)
        VALUES (gen_random_uuid(), gen_random_uuid(), 1, 4, 'slow', now())";
    let slow = app.database.transaction(slow).await;
    app.register(&workshop, "ann").await.registration();
    socket.send_json(&json!({ "type": "ping" })).await;
    assert_eq!(socket.receive().await, json!({ "type": "pong" }), "an earlier transaction is open");
    slow.commit().await;
    let kinds = [socket.expect_data("1").await["kind"].clone(), socket.expect_data("1").await["kind"].clone()];
    assert_eq!(kinds, ["WAITLISTED", "REGISTERED"]);
}

#[apply(on_each_database)]
async fn an_invalid_journal_cursor_is_rejected(app: TestApp) {
    let workshops = app.query("{ workshops { pageInfo { endCursor } } }").await;
    app.given(a_workshop()).await;
    let other = app.query("{ workshops { pageInfo { endCursor } } }").await["pageInfo"]["endCursor"].clone();
    assert_ne!(workshops["pageInfo"]["endCursor"], other);
    let mut socket = Socket::acknowledged(&app).await;
    for after in [json!("nonsense"), other] {
        socket.subscribe("1", &operation(CHANGES, &json!({ "after": after }))).await;
        let refused = socket.receive().await;
        assert_eq!(refused["type"], "error", "{refused:#}");
        assert_eq!(refused["payload"][0]["extensions"]["code"], "BAD_USER_INPUT");
    }
}

// A read of SQLite never waits for a lock, and so cannot fail while the database is available.
#[apply(on_postgres)]
async fn a_change_whose_guest_cannot_be_loaded_is_sent_when_it_can(app: TestApp) {
    let workshop = app.given(a_workshop()).await;
    let app = app.another_with_options(Options { lock_timeout: Duration::from_millis(50), ..Options::default() }).await;
    register(&app, &workshop, 0..3).await;
    let all = journal(&app, 3).await;
    let first = app.query("{ changes(first: 1) { nodes { cursor } } }").await["nodes"][0]["cursor"].clone();
    let held = app.database.transaction("LOCK TABLE guests IN ACCESS EXCLUSIVE MODE").await;
    let query = "subscription ($after: String) { changes(after: $after) { id registration { guest { givenName } } } }";
    let mut events = app.subscribe(query, &json!({ "after": first })).await;
    let failed = "atelier_statements_failed_total";
    let before = app.metric(failed);
    let received = tokio::join!(events.expect_data(), async {
        app.wait_for_metric(failed, |failures| failures > before).await;
        held.rollback().await;
    });
    let of = |guest: usize| json!({ "id": all[guest], "registration": { "guest": { "givenName": format!("guest {guest}") } } });
    assert_eq!(received.0, of(1));
    assert_eq!(events.expect_data().await, of(2));
}

#[apply(on_each_database)]
async fn a_change_that_cannot_be_sent_ends_the_subscription(app: TestApp) {
    let workshop = app.given(a_workshop()).await;
    register(&app, &workshop, 0..3).await;
    journal(&app, 3).await;
    let first = app.query("{ changes(first: 1) { nodes { cursor } } }").await["nodes"][0]["cursor"].clone();
    let query = "subscription ($after: String) { changes(after: $after) { cursor workshop { registrationState } } }";
    let mut socket = Socket::acknowledged(&app).await;
    // The second change panics: the resolver of `registrationState` reads the clock once for each.
    app.clock.panic_after_reads(1);
    socket.subscribe("1", &operation(query, &json!({ "after": first }))).await;
    let last = socket.expect_data("1").await["cursor"].clone();
    let error = socket.receive().await;
    assert_eq!((&error["type"], &error["id"]), (&json!("error"), &json!("1")), "{error:#}");
    assert_eq!(error["payload"][0]["extensions"]["code"], "INTERNAL_SERVER_ERROR");
    // A client that resumes misses nothing.
    socket.subscribe("1", &operation(query, &json!({ "after": last }))).await;
    assert_ne!(socket.expect_data("1").await["cursor"], last);
}
