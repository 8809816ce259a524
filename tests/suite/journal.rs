//! The journal: all changes in commit order, without a gap.

use std::{collections::BTreeSet, time::Duration};

use futures_util::future::join_all;
use macro_rules_attribute::apply;
use persistence::{LaneSettings, Options};
use serde_json::{Value, json};
use tests::{TestApp, Workshop, a_workshop, on_each_database, on_postgres};

#[apply(on_each_database)]
async fn a_registration_has_its_history(app: TestApp) {
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
    let all = wait_for_entries(&app, 5).await;
    assert_eq!(all.len(), 5, "a no-op writes no entry");
    let first = &all[0];
    let node = app.graphql("query ($id: ID!) { node(id: $id) { __typename id } }", &json!({ "id": first["id"] })).await;
    assert_eq!(node.field(), &json!({ "__typename": "Change", "id": first["id"] }));
    let promoted = app.query("{ changes(filter: { kind: [PROMOTED] }) { nodes { kind } } }").await;
    assert_eq!(promoted["nodes"], json!([{ "kind": "PROMOTED" }]));
    let elsewhere = app.query(r#"{ changes(filter: { workshopId: "wks_nowhere" }) { totalCount } }"#).await;
    assert_eq!(elsewhere["totalCount"], 0);
}

/// Waits until the journal shows so many entries. An entry is shown when every transaction that was open at its commit
/// has ended; on PostgreSQL those of other tests count.
pub(crate) async fn wait_for_entries(app: &TestApp, entries: usize) -> Vec<Value> {
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
    tokio::time::timeout(Duration::from_mins(1), read).await.expect("the journal shows the entries")
}

/// Reads the journal from a cursor to its current end.
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
async fn a_reader_that_resumes_from_its_cursor_misses_no_entry(app: TestApp) {
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
    wait_for_entries(&app, 100).await;
    let reading = async {
        while seen.len() < 160 {
            read_on(&app, &mut cursor, &mut seen).await;
        }
    };
    let _ = tokio::time::timeout(Duration::from_mins(1), reading).await;
    assert_eq!(seen.iter().collect::<BTreeSet<_>>().len(), 160, "no entry twice");
}

// SQLite has one writer: no transaction can be open beside another.
#[apply(on_postgres)]
async fn an_entry_is_hidden_while_an_earlier_transaction_is_open(app: TestApp) {
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
    assert_eq!(changes["nodes"], json!([]), "an earlier transaction is open");
    slow.commit().await;
    let actors: Vec<_> = wait_for_entries(&app, 2).await.iter().map(|entry| entry["actor"].clone()).collect();
    assert_eq!(actors, ["slow", "anonymous"]);
}

/// A server with one lane, whose commands wait for longer than any test takes.
fn one_lane() -> Options {
    let timeout = Duration::from_mins(1);
    let lanes = LaneSettings { lanes: 1, ..LaneSettings::default() };
    Options { lanes, lock_timeout: timeout, acquire_timeout: timeout, ..Options::default() }
}

// SQLite has one writer: no transaction waits with a part of its work done.
#[apply(on_postgres)]
async fn entries_of_a_workshop_are_in_commit_order(app: TestApp) {
    let (first, second, third) =
        (app.given(a_workshop()).await, app.given(a_workshop()).await, app.given(a_workshop()).await);
    let one_lane = app.another_with_options(one_lane()).await;
    let (bob, cem) = (app.guest("bob").await, app.guest("cem").await);
    let input = |workshop: &Workshop, guest: &str| json!({ "trackId": workshop.tracks[0], "guestId": guest, "centerId": workshop.center });
    let (early, middle) = (input(&first, &bob), input(&second, &bob));
    let (late, meanwhile) = (input(&third, &bob), input(&third, &cem));

    // Two commands wait for their workshops. Later commands, of this server and of another one, change the third workshop
    // meanwhile.
    let (keeping_first, keeping_second) =
        (app.database.lock_workshop(&first).await, app.database.lock_workshop(&second).await);
    let waiting =
        async { tokio::join!(one_lane.register_with(&first, &early), one_lane.register_with(&second, &middle)) };
    let overtaking = async {
        app.database.wait_for_lock_waiters(2).await;
        one_lane.register_with(&third, &late).await.registration();
        app.register_with(&third, &meanwhile).await.registration();
        keeping_second.rollback().await;
        app.database.wait_for("SELECT COUNT(*) / 3 FROM registrations").await;
        keeping_first.rollback().await;
    };
    let commands = Box::pin(async { tokio::join!(waiting, overtaking).0 });
    let (one, other) = tokio::time::timeout(Duration::from_mins(1), commands).await.expect("all commands end");
    assert!([one, other].iter().all(|answer| answer.registration()["status"] == "REGISTERED"));
    wait_for_entries(&app, 4).await;
    let changes = "query ($workshop: ID!) { changes(filter: { workshopId: $workshop }) { nodes { registration { guest { id } } } } }";
    let changes = app.graphql(changes, &json!({ "workshop": third.id })).await;
    let of = |guest: &str| json!({ "registration": { "guest": { "id": guest } } });
    assert_eq!(changes.field()["nodes"], json!([of(&bob), of(&cem)]));
    assert!(app.store.examine().await.unwrap().is_empty());
}

// On SQLite the numbers of entries follow the order of commits.
#[apply(on_postgres)]
async fn a_command_never_writes_before_an_entry_of_a_younger_transaction(app: TestApp) {
    let workshop = app.given(a_workshop()).await;
    app.register(&workshop, "ann").await.registration();
    let input = app.input(&workshop, "bob").await;
    // The number of this entry is higher than that of any transaction of the test.
    app.database.execute("UPDATE journal SET position = position + 1000000000").await.unwrap();
    let (statements, answer) = app.statements(app.register_with(&workshop, &input)).await;
    assert_eq!(answer.error_code(), "SERVICE_UNAVAILABLE");
    // The batch and then its command are tried five times each. Each attempt locks the workshop and reads its rows.
    assert_eq!(statements, 20);
    assert_eq!(app.database.number("SELECT COUNT(*) FROM journal").await, 1);
    app.store.reset_restored_positions().await.unwrap();
    app.register_with(&workshop, &input).await.registration();
}

// An SQLite file keeps its positions when it is copied.
#[apply(on_postgres)]
async fn restored_entries_come_before_new_ones(app: TestApp) {
    let workshop = app.given(a_workshop()).await;
    app.register(&workshop, "ann").await.registration();
    app.register(&workshop, "bob").await.registration();
    // The source cluster had run many more transactions.
    app.database.execute("UPDATE journal SET position = position + 1000000000").await.unwrap();
    app.store.reset_restored_positions().await.unwrap();
    app.register(&workshop, "cem").await.registration();
    wait_for_entries(&app, 3).await;
    let changes = app.query("{ changes { nodes { registration { guest { givenName } } } } }").await;
    let of = |name: &str| json!({ "registration": { "guest": { "givenName": name } } });
    assert_eq!(changes["nodes"], json!([of("ann"), of("bob"), of("cem")]));
}

#[apply(on_each_database)]
async fn the_last_cursor_of_the_journal_is_where_following_starts(app: TestApp) {
    let workshop = app.given(a_workshop()).await;
    let ann = app.register(&workshop, "ann").await.registration().clone();
    app.register(&workshop, "bob").await.registration();
    wait_for_entries(&app, 2).await;
    let end = app.query("{ changes(last: 1) { nodes { id } pageInfo { endCursor hasPreviousPage } } }").await;
    assert_eq!(end["pageInfo"]["hasPreviousPage"], true);
    let before = format!(
        "{{ changes(last: 5, before: {}) {{ nodes {{ registration {{ id }} }} }} }}",
        end["pageInfo"]["endCursor"]
    );
    assert_eq!(app.query(&before).await["nodes"], json!([{ "registration": { "id": ann["id"] } }]));
    let after = format!("{{ changes(after: {}) {{ nodes {{ id }} }} }}", end["pageInfo"]["endCursor"]);
    assert_eq!(app.query(&after).await["nodes"], json!([]));
    let history = format!("{{ registration(id: {}) {{ history(last: 1) {{ nodes {{ kind }} }} }} }}", ann["id"]);
    assert_eq!(app.query(&history).await["history"]["nodes"], json!([{ "kind": "REGISTERED" }]));
}
