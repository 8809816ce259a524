//! The journal: what happened, in the order of the commits, without a gap.

use std::{collections::BTreeSet, time::Duration};

use futures_util::future::join_all;
use macro_rules_attribute::apply;
use serde_json::{Value, json};
use tests::{Backend, TestApp, a_workshop, on_each_database};

#[apply(on_each_database)]
async fn a_registration_tells_its_history(app: TestApp) {
    let workshop = app.given(a_workshop().capacity(1)).await;
    let ann = app.register(&workshop, "ann").await.registration().clone();
    let bob = app.waitlist(&workshop, "bob").await.registration().clone();
    app.cancel(&ann).await.promoted();
    app.on(&bob, "checkInGuest", "").await.registration();
    app.cancel(&ann).await.promoted();
    let history = format!(
        "{{ registration(id: {}) {{ history {{ totalCount nodes {{ kind statusBefore statusAfter actor at
            workshop {{ id }} registration {{ id }} }} }} }} }}",
        bob["id"]
    );
    let entry = |kind: &str, before: Value, after: &str| {
        json!({ "kind": kind, "statusBefore": before, "statusAfter": after, "actor": "anonymous",
            "at": "2027-03-01T12:00:00Z", "workshop": { "id": workshop.id }, "registration": { "id": bob["id"] } })
    };
    assert_eq!(
        app.query(&history).await["history"],
        json!({ "totalCount": 3, "nodes": [
            entry("WAITLISTED", Value::Null, "WAITLISTED"),
            entry("PROMOTED", json!("WAITLISTED"), "REGISTERED"),
            entry("CHECKED_IN", json!("REGISTERED"), "SIGNED_IN"),
        ] })
    );
    let all = settled(&app, 5).await;
    assert_eq!(all.len(), 5, "a no-op writes nothing");
    let first = &all[0];
    let node = app.graphql("query ($id: ID!) { node(id: $id) { __typename id } }", &json!({ "id": first["id"] })).await;
    assert_eq!(node.field(), &json!({ "__typename": "Change", "id": first["id"] }));
    let promoted = app.query("{ changes(filter: { kind: [PROMOTED] }) { nodes { kind } } }").await;
    assert_eq!(promoted["nodes"], json!([{ "kind": "PROMOTED" }]));
    let elsewhere = app.query(r#"{ changes(filter: { workshopId: "wks_nowhere" }) { totalCount } }"#).await;
    assert_eq!(elsewhere["totalCount"], 0);
}

/// The journal, once it has so many entries: one is in it when every transaction that was running is over, and on
/// PostgreSQL those of other tests count.
pub(crate) async fn settled(app: &TestApp, entries: usize) -> Vec<Value> {
    let read = async {
        loop {
            let changes = app.query("{ changes(first: 100) { nodes { id kind actor } } }").await;
            let nodes = changes["nodes"].as_array().unwrap();
            if nodes.len() >= entries {
                return nodes.clone();
            }
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_mins(1), read).await.expect("the entries are settled in the end")
}

/// Reads the journal from a cursor to its present end.
async fn read_on(app: &TestApp, cursor: &mut Value, seen: &mut Vec<String>) {
    loop {
        let page = "query ($after: String) { changes(first: 7, after: $after) {
            nodes { id } pageInfo { endCursor hasNextPage } } }";
        let answer = app.graphql(page, &json!({ "after": cursor })).await;
        let page = answer.field();
        seen.extend(page["nodes"].as_array().unwrap().iter().map(|node| node["id"].as_str().unwrap().to_owned()));
        if !page["pageInfo"]["endCursor"].is_null() {
            *cursor = page["pageInfo"]["endCursor"].clone();
        }
        if page["pageInfo"]["hasNextPage"] == false {
            return;
        }
    }
}

#[apply(on_each_database)]
async fn a_reader_that_goes_on_from_its_cursor_misses_nothing_while_others_write(app: TestApp) {
    let mut workshops = Vec::new();
    for _ in 0..8 {
        workshops.push(app.given(a_workshop()).await);
    }
    let mut inputs = Vec::new();
    for number in 0..160 {
        let workshop = &workshops[number % workshops.len()];
        let mut input = app.input(workshop, &format!("guest {number}")).await;
        input["waitlist"] = true.into();
        inputs.push((workshop, input));
    }
    let (mut cursor, mut seen) = (Value::Null, Vec::new());
    let writing = async {
        for some in inputs.chunks(16) {
            join_all(some.iter().map(|(workshop, input)| app.register_with(workshop, input))).await;
        }
    };
    let mut writing = std::pin::pin!(writing);
    loop {
        tokio::select! {
            () = &mut writing => break,
            () = read_on(&app, &mut cursor, &mut seen) => {}
        }
    }
    settled(&app, 100).await;
    let reading = async {
        while seen.len() < 160 {
            read_on(&app, &mut cursor, &mut seen).await;
        }
    };
    let _ = tokio::time::timeout(Duration::from_mins(1), reading).await;
    assert_eq!(seen.iter().collect::<BTreeSet<_>>().len(), 160, "none twice");
}

#[apply(on_each_database)]
async fn an_entry_waits_for_those_that_may_come_before_it(app: TestApp) {
    if app.backend() == Backend::Sqlite {
        // It has one writer: nothing can come before.
        return;
    }
    let workshop = app.given(a_workshop()).await;
    let slow = app
        .database
        .transaction(
            "INSERT INTO journal (id, workshop_id, kind, actor, at)
        VALUES (gen_random_uuid(), gen_random_uuid(), 0, 'slow', now())",
        )
        .await;
    app.register(&workshop, "ann").await.registration();
    let changes = app.query("{ changes { nodes { actor } } }").await;
    assert_eq!(changes["nodes"], json!([]), "what began before is not settled yet");
    slow.commit().await;
    let actors: Vec<_> = settled(&app, 2).await.iter().map(|entry| entry["actor"].clone()).collect();
    assert_eq!(actors, ["slow", "anonymous"]);
}
