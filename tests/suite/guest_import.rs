//! The import of guests from another system.

use std::time::Duration;

use futures_util::future::join_all;
use macro_rules_attribute::apply;
use persistence::Options;
use serde_json::{Value, json};
use tests::{Answer, TestApp, on_each_database, on_postgres};

use crate::concurrency::servers;

const IMPORT: &str = "mutation ($input: ImportGuestsInput!) {
    importGuests(input: $input) {
        __typename
        ... on ImportGuestsSuccess {
            results {
                row outcome guest { id externalId givenName familyName email }
                problems { __typename code message ... on InputInvalid { fields { field } } ... on ExternalIdRepeated { row } }
            }
        }
        ... on Problem { code message }
        ... on TooManyGuests { limit }
    }
}";

async fn imported(app: &TestApp, guests: &Value) -> Answer {
    app.graphql(IMPORT, &json!({ "input": { "guests": guests } })).await
}

fn results(answer: &Answer) -> &Vec<Value> {
    answer.field()["results"].as_array().unwrap_or_else(|| panic!("{:#}", answer.body))
}

fn outcomes(answer: &Answer) -> Vec<&str> {
    results(answer).iter().map(|row| row["outcome"].as_str().unwrap_or("-")).collect()
}

fn guest(number: usize) -> Value {
    json!({ "externalId": format!("crm-{number}"), "givenName": "Ann", "familyName": "Lee" })
}

#[apply(on_each_database)]
async fn new_guests_are_created_and_existing_guests_are_updated(app: TestApp) {
    let first = imported(&app, &json!([guest(2), guest(1)])).await;
    assert_eq!(outcomes(&first), ["CREATED", "CREATED"]);
    let changed = json!({ "externalId": "crm-1", "email": "ann@example.com" });
    let second = imported(&app, &json!([guest(3), changed, guest(2)])).await;
    assert_eq!(outcomes(&second), ["CREATED", "UPDATED", "UNCHANGED"]);
    let rows = results(&second);
    assert_eq!(rows.iter().map(|row| &row["row"]).collect::<Vec<_>>(), [0, 1, 2]);
    let mut ann = results(&first)[1]["guest"].clone();
    ann["email"] = "ann@example.com".into();
    assert_eq!(rows[1]["guest"], ann, "an omitted field stays");
    assert_eq!(rows[2]["guest"], results(&first)[0]["guest"]);
    assert!(rows.iter().all(|row| row["problems"] == json!([])));
    assert_eq!(outcomes(&imported(&app, &json!([])).await), [""; 0]);
}

#[apply(on_each_database)]
async fn an_invalid_row_does_not_fail_the_others(app: TestApp) {
    let with = |number: usize, field: &str, value: Value| {
        let mut guest = guest(number);
        guest[field] = value;
        guest
    };
    let rows = json!([
        guest(1),
        with(2, "email", "nobody".into()),
        with(3, "homeCenterId", "ctr_01kdvdna00e00800000400000z".into()),
        guest(1),
        { "externalId": "crm-4", "givenName": "Ann" },
        with(5, "externalId", "a\0b".into()),
        guest(6),
    ]);
    let mut input = json!({ "guests": rows, "idempotencyKey": "one" });
    let answer = app.graphql(IMPORT, &json!({ "input": input })).await;
    assert_eq!(outcomes(&answer), ["CREATED", "-", "-", "-", "-", "-", "CREATED"]);
    let problems: Vec<_> = results(&answer)[1..6].iter().map(|row| row["problems"][0].clone()).collect();
    let invalid = |field: &str| json!({ "__typename": "InputInvalid", "code": 2010, "message": "The input is not valid", "fields": [{ "field": field }] });
    let nowhere = json!({ "__typename": "CenterInvalid", "code": 502, "message": "Invalid center_id." });
    let message = "An earlier row has the same external id";
    let repeated = json!({ "__typename": "ExternalIdRepeated", "code": 2013, "message": message, "row": 0 });
    assert_eq!(problems, [invalid("email"), nowhere, repeated, invalid("familyName"), invalid("externalId")]);
    assert!(results(&answer)[1..6].iter().all(|row| row["guest"].is_null()));
    assert_eq!(app.database.number("SELECT COUNT(*) FROM guests").await, 2);

    let again = app.graphql(IMPORT, &json!({ "input": input })).await;
    assert_eq!(again.field(), answer.field(), "a retry returns the first result");
    input["guests"] = json!([guest(7)]);
    assert_eq!(app.graphql(IMPORT, &json!({ "input": input })).await.problem().0, "IdempotencyKeyReused");
}

#[apply(on_each_database)]
async fn importing_a_thousand_guests_takes_no_more_statements_than_two(app: TestApp) {
    // A thousand guests with all their fields fit into one request.
    let center = app.center("A center").await.to_string();
    let full = |number: usize| {
        let mut guest = guest(number);
        guest["email"] = format!("ann.margaret.lee.{number}@mail.example.com").into();
        guest["phone"] = format!("+1 (202) 555-{number:04}").into();
        guest["homeCenterId"] = center.clone().into();
        guest
    };
    let rows = |count: usize| (0..count).map(full).collect::<Value>();
    let (few, _) = app.statements(imported(&app, &rows(2))).await;
    let (many, answer) = app.statements(imported(&app, &rows(1_000))).await;
    assert_eq!(outcomes(&answer).iter().filter(|outcome| **outcome == "CREATED").count(), 998);
    assert_eq!(many, few);
    let refused = imported(&app, &rows(1_001)).await;
    assert_eq!(refused.problem(), ("TooManyGuests", 2012, "There are too many guests in one call"));
    assert_eq!(refused.field()["limit"], 1_000);
    assert_eq!(app.database.number("SELECT COUNT(*) FROM guests").await, 1_000);
}

#[apply(on_each_database)]
async fn concurrent_imports_create_each_guest_once(app: TestApp) {
    let servers = servers(app).await;
    let tasks: Vec<_> = (0..8)
        .zip(servers.iter().cycle())
        .map(|(number, server)| {
            // Each import starts with another row, so without a lock order the imports would deadlock.
            let guests: Value = (0..100).map(|step| guest((number * 13 + step) % 100)).collect();
            let client = server.client();
            tokio::spawn(async move { client.graphql(IMPORT, &json!({ "input": { "guests": guests } })).await })
        })
        .collect();
    let answers: Vec<_> = join_all(tasks).await.into_iter().map(Result::unwrap).collect();
    let count = |word: &str| answers.iter().flat_map(outcomes).filter(|outcome| *outcome == word).count();
    assert_eq!((count("CREATED"), count("UPDATED"), count("UNCHANGED")), (100, 0, 700));
    assert_eq!(servers[0].database.number("SELECT COUNT(*) FROM guests").await, 100);
}

// SQLite has one writer: no transaction waits with a part of its work done.
#[apply(on_postgres)]
async fn an_import_that_deadlocks_is_retried(app: TestApp) {
    let timeout = Duration::from_mins(1);
    let app =
        app.another_with_options(Options { lock_timeout: timeout, acquire_timeout: timeout, ..Options::default() });
    let app = app.await;
    imported(&app, &json!([guest(1), guest(2), guest(3)])).await;
    let hold = |number: usize| format!("SELECT id FROM guests WHERE external_id = 'crm-{number}' FOR UPDATE");
    let pausing = app.database.transaction(&hold(2)).await;
    let other = app.database.transaction(&hold(3)).await;
    // PostgreSQL cancels a transaction that has waited for `deadlock_timeout`. It is never this one.
    other.run("SET LOCAL deadlock_timeout = '1h'").await;
    let changed = |number: usize| json!({ "externalId": format!("crm-{number}"), "familyName": "Kim" });
    let guests = json!([changed(1), changed(2), changed(3)]);
    let importing = imported(&app, &guests);
    let deadlocking = async {
        // The import has the first guest and waits for the second.
        app.wait_for_count("atelier_database_connections{pool=\"waiting\",state=\"busy\"}", 1).await;
        app.database.wait_for_lock_waiters(1).await;
        let waiting = async {
            // The other transaction waits for the first guest. Now the import can wait for the third.
            app.database.wait_for_lock_waiters(2).await;
            pausing.rollback().await;
        };
        let first = hold(1);
        tokio::join!(other.run(&first), waiting);
        other.commit().await;
    };
    let (answer, ()) = tokio::join!(importing, deadlocking);
    assert_eq!(outcomes(&answer), ["UPDATED", "UPDATED", "UPDATED"]);
    app.database.wait_for("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()").await;
}
