//! Idempotency keys.

use chrono::TimeDelta;
use macro_rules_attribute::apply;
use persistence::Options;
use serde_json::{Value, json};
use tests::{Backend, TestApp, a_workshop, now, on_each_database};

use crate::concurrency::servers;

const REUSED: (&str, i64, &str) =
    ("IdempotencyKeyReused", 2000, "The idempotency key was already used with a different input");

#[apply(on_each_database)]
async fn a_retry_returns_the_first_result(app: TestApp) {
    let workshop = app.given(a_workshop().capacity(1)).await;
    let mut input = app.input(&workshop, "ann").await;
    input["idempotencyKey"] = "one".into();
    let first = app.register_with(&workshop, &input).await;
    app.set_time(now() + TimeDelta::hours(23));
    let again = app.register_with(&workshop, &input).await;
    assert_eq!(again.registration(), first.registration());
    assert_eq!(app.database.number("SELECT COUNT(*) FROM journal").await, 1);
}

#[apply(on_each_database)]
async fn a_key_reused_with_another_input_is_refused(app: TestApp) {
    let workshop = app.given(a_workshop()).await;
    let mut input = app.input(&workshop, "ann").await;
    input["idempotencyKey"] = "one".into();
    app.register_with(&workshop, &input).await.registration();
    input["guestId"] = app.guest("bob").await.into();
    assert_eq!(app.register_with(&workshop, &input).await.problem(), REUSED);
    input["idempotencyKey"] = "two".into();
    app.register_with(&workshop, &input).await.registration();
}

#[apply(on_each_database)]
async fn a_refusal_is_not_stored_so_a_retry_can_succeed(app: TestApp) {
    let workshop = app.given(a_workshop().window(Some(TimeDelta::hours(1)), None)).await;
    let mut input = app.input(&workshop, "ann").await;
    input["idempotencyKey"] = "one".into();
    assert_eq!(app.register_with(&workshop, &input).await.problem().0, "RegistrationNotOpen");
    app.set_time(now() + TimeDelta::hours(1));
    app.register_with(&workshop, &input).await.registration();
}

#[apply(on_each_database)]
async fn a_key_expires_after_a_day(app: TestApp) {
    let workshop = app.given(a_workshop().window(None, None)).await;
    let mut input = app.input(&workshop, "ann").await;
    input["idempotencyKey"] = "one".into();
    app.register_with(&workshop, &input).await.registration();
    app.set_time(now() + TimeDelta::hours(24));
    input["guestId"] = app.guest("bob").await.into();
    app.register_with(&workshop, &input).await.registration();
    let again = app.register_with(&workshop, &input).await;
    assert_eq!(again.registration()["guest"]["id"], json!(app.guest("bob").await));
}

#[apply(on_each_database)]
async fn a_malformed_key_is_an_error_and_registers_no_guest(app: TestApp) {
    let workshop = app.given(a_workshop()).await;
    let mut input = app.input(&workshop, "ann").await;
    for key in ["", " ", "a b", "é", "a\u{0}", &"k".repeat(256)] {
        input["idempotencyKey"] = key.into();
        let answer = app.register_with(&workshop, &input).await;
        assert_eq!(answer.error_code(), "BAD_USER_INPUT");
        assert!(answer.error_message().contains("1 to 255 visible ASCII characters"));
    }
    assert_eq!(app.database.number("SELECT COUNT(*) FROM registrations").await, 0);
}

#[apply(on_each_database)]
async fn expired_keys_are_deleted(app: TestApp) {
    let workshop = app.given(a_workshop().window(None, None)).await;
    let register = async |guest: &str| {
        let mut input = app.input(&workshop, guest).await;
        input["idempotencyKey"] = guest.into();
        app.register_with(&workshop, &input).await.registration();
    };
    let kept = "SELECT COUNT(*) FROM idempotency_keys";
    register("ann").await;
    app.set_time(now() + TimeDelta::hours(1));
    register("bob").await;
    assert_eq!(app.database.number(kept).await, 2);
    app.set_time(now() + TimeDelta::hours(24));
    register("cem").await;
    assert_eq!(app.database.number(kept).await, 2, "the keys of Bob and Cem");
}

#[apply(on_each_database)]
async fn a_retry_of_a_running_edit_returns_its_success(app: TestApp) {
    let workshop = app.given(a_workshop()).await;
    let edit = "mutation ($id: ID!) {
        updateWorkshop(workshopId: $id, input: { title: \"New\", expectedVersion: 1, idempotencyKey: \"one\" }) {
            __typename ... on UpdateWorkshopSuccess { workshop { title version } } ... on Problem { code message } } }";
    let variables = json!({ "id": workshop.id });
    // On PostgreSQL at two servers, because one server has one session for the workshop.
    let servers = servers(app).await;
    let (first, last) = (&servers[0], &servers[servers.len() - 1]);
    let held = first.database.block_writes().await;
    let releasing = async {
        for server in &servers {
            server.wait_for_count("atelier_operations_in_flight", 2 / servers.len() as u64).await;
        }
        if first.backend() == Backend::Postgres {
            // Both requests have looked up the key and wait for the lock.
            first.database.wait_for_lock_waiters(2).await;
        }
        held.rollback().await;
    };
    let (one, other, ()) = tokio::join!(first.graphql(edit, &variables), last.graphql(edit, &variables), releasing);
    let expected = json!({ "__typename": "UpdateWorkshopSuccess", "workshop": { "title": "New", "version": 2 } });
    assert_eq!((one.field(), other.field()), (&expected, &expected));
}

const STORED: &str = "SELECT COUNT(*) FROM idempotency_keys";

#[apply(on_each_database)]
async fn a_command_that_changes_nothing_stores_nothing(app: TestApp) {
    let workshop = app.given(a_workshop()).await;
    let ann = app.register(&workshop, "ann").await.registration()["id"].clone();
    let guest = app.guest("ann").await;
    let run = async |key: &str| {
        for (mutation, input_type, arguments) in [
            (
                "updateRegistrationNote",
                "UpdateRegistrationNoteInput",
                json!({ "registrationId": ann, "input": { "note": "Vegan" } }),
            ),
            ("updateGuest", "GuestInput", json!({ "guestId": guest, "input": { "familyName": "Lee" } })),
            ("updateCenter", "CenterInput", json!({ "centerId": workshop.center, "input": { "name": "Here" } })),
            (
                "updateWorkshop",
                "UpdateWorkshopInput",
                json!({ "workshopId": workshop.id, "input": { "title": "Clay" } }),
            ),
            ("updateTrack", "TrackInput", json!({ "trackId": workshop.tracks[0], "input": { "name": "Wheel" } })),
            (
                "importGuests",
                "ImportGuestsInput",
                json!({ "input": { "guests": [{ "externalId": "ann", "givenName": "Ann" }] } }),
            ),
        ] {
            let mut arguments = arguments;
            arguments["input"]["idempotencyKey"] = format!("{mutation} {key}").replace(' ', "-").into();
            let declared = arguments.as_object().unwrap().keys().map(|name| format!("{name}: ${name}"));
            let types = arguments.as_object().unwrap().keys().map(|name| match name.as_str() {
                "trackId" => "$trackId: Int!".to_owned(),
                "input" => format!("$input: {input_type}!"),
                id => format!("${id}: ID!"),
            });
            let (types, declared) = (types.collect::<Vec<_>>().join(" "), declared.collect::<Vec<_>>().join(" "));
            let document = format!(
                "mutation ({types}) {{ {mutation}({declared}) {{ __typename ... on Problem {{ message }} }} }}"
            );
            let answer = app.graphql(&document, &arguments).await;
            assert_eq!(answer.field().get("message"), None, "{:#}", answer.body);
        }
    };
    run("changing").await;
    assert_eq!(app.database.number(STORED).await, 6);
    run("repeated").await;
    assert_eq!(app.database.number(STORED).await, 6, "the second update of each is to the same values");
    // All guests are refused.
    let document = "mutation ($id: ID!, $input: RegisterGuestsInput!) {
        registerGuests(workshopId: $id, input: $input) { ... on RegisterGuestsSuccess { results { __typename } } } }";
    let guests = [json!({ "guestId": guest, "trackId": workshop.tracks[0], "centerId": workshop.center })];
    let input = json!({ "guests": guests, "idempotencyKey": "all-refused" });
    let refused = app.graphql(document, &json!({ "id": workshop.id, "input": input })).await;
    assert_eq!(refused.field()["results"], json!([{ "__typename": "AlreadyRegistered" }]));
    assert_eq!(app.database.number(STORED).await, 6);
}

#[apply(on_each_database)]
async fn the_results_stored_for_a_caller_are_limited(app: TestApp) {
    let workshop = app.given(a_workshop().capacity(None).window(None, None)).await;
    let app = app.another_with_options(Options { idempotency_bytes: 8 * 600, ..Options::default() }).await;
    // As many results of another caller as the limit allows.
    app.database
        .execute(
            "INSERT INTO idempotency_keys (actor, key, fingerprint, result, created_at)
             SELECT 'another', id, '', 'none', created_at FROM (
                 SELECT CAST(id AS TEXT) AS id, created_at FROM workshops) AS rows",
        )
        .await
        .unwrap();
    let register = async |guest: usize| {
        let mut input = app.input(&workshop, &format!("guest {guest}")).await;
        input["idempotencyKey"] = format!("key-{guest}").into();
        app.register_with(&workshop, &input).await.registration()["id"].clone()
    };
    let mut registered = Vec::<Value>::new();
    for guest in 0..40 {
        app.set_time(now() + TimeDelta::seconds(guest));
        registered.push(register(usize::try_from(guest).unwrap()).await);
    }
    // The task has the last results of this caller deleted after a part of the limit at most.
    let few = "SELECT COUNT(*) FROM (SELECT 1) AS one \
        WHERE (SELECT COUNT(*) FROM idempotency_keys WHERE actor <> 'another') <= 11";
    app.database.wait_for(few).await;
    assert_eq!(app.database.number("SELECT COUNT(*) FROM idempotency_keys WHERE actor = 'another'").await, 1);
    assert_eq!(register(39).await, registered[39], "the newest result is kept");
    assert_eq!(app.database.number("SELECT COUNT(*) FROM registrations").await, 40);
}
