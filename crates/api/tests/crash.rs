//! The binary is killed in the middle of work.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod binary;

use std::sync::Mutex;

use binary::Server;
use macro_rules_attribute::apply;
use serde_json::{Value, json};
use tests::{TestApp, Workshop, a_workshop, admin, on_each_database};

/// How many guests there are to register.
const GUESTS: usize = 2_000;

/// The inputs that register each guest, under a key of the guest's own.
async fn inputs(app: &TestApp, workshop: &Workshop) -> Vec<Value> {
    let names: Vec<_> = (0..GUESTS).map(|number| format!("guest {number}")).collect();
    let input = |guest: String| json!({ "trackId": workshop.tracks[0], "guestId": guest, "centerId": workshop.center, "idempotencyKey": guest });
    app.guests(&names).await.into_iter().map(input).collect()
}

/// The data of an answer; `None` when there was none, for the server was dead or dying.
fn ask(server: &Server, query: &str, variables: &Value) -> Option<Value> {
    let answer = server.post(&json!({ "query": query, "variables": variables }).to_string()).ok()?;
    let (_, body) = answer.split_once("\r\n\r\n")?;
    Some(serde_json::from_str::<Value>(body).ok()?["data"].clone())
}

fn register(server: &Server, workshop: &str, input: &Value) -> Option<String> {
    let query = "mutation ($workshopId: ID!, $input: RegisterGuestInput!) {
        registerGuest(workshopId: $workshopId, input: $input) { ... on Registration { id } } }";
    let data = ask(server, query, &json!({ "workshopId": workshop, "input": input }))?;
    Some(data["registerGuest"]["id"].as_str()?.to_owned())
}

#[apply(on_each_database)]
async fn what_was_acknowledged_survives_and_a_retry_does_not_double_it(app: TestApp) {
    let workshop = app.given(a_workshop().capacity(None).window(None, None)).await;
    let inputs = inputs(&app, &workshop).await;
    let workshop = workshop.id;
    let key = app.key(admin()).await;
    app.store.close().await;
    let arguments = ["serve", "--database-url", &app.database.url];

    // Four callers register guests one after the other; the server is killed when a hundred were acknowledged.
    let server = Server::start(&arguments).called_with(&key);
    let (acknowledged, unanswered) = (Mutex::new(Vec::new()), Mutex::new(Vec::new()));
    let left = Mutex::new(inputs.iter());
    let call = || {
        while let Some(input) = { left.lock().unwrap().next() } {
            let Some(id) = register(&server, &workshop, input) else {
                unanswered.lock().unwrap().push(input);
                return;
            };
            let mut acknowledged = acknowledged.lock().unwrap();
            acknowledged.push((id, input));
            if acknowledged.len() == 100 {
                server.signal("KILL");
            }
        }
    };
    std::thread::scope(|scope| (0..4).for_each(|_| drop(scope.spawn(call))));
    let (acknowledged, unanswered) = (acknowledged.into_inner().unwrap(), unanswered.into_inner().unwrap());
    assert!(acknowledged.len() >= 100);
    drop(server);

    let server = Server::start(&arguments).called_with(&key);
    for (id, input) in &acknowledged {
        let found =
            ask(&server, "query ($id: ID!) { registration(id: $id) { status } }", &json!({ "id": id })).unwrap();
        assert_eq!(found["registration"]["status"], "REGISTERED", "{id} was lost");
        assert_eq!(register(&server, &workshop, input).as_ref(), Some(id), "a retry gets the first answer");
    }
    for input in &unanswered {
        assert!(register(&server, &workshop, input).is_some(), "a retry settles what was in doubt");
    }
    let counts = "query ($id: ID!) { workshop(id: $id) { seatsTaken registrations { totalCount } } }";
    let found = ask(&server, counts, &json!({ "id": workshop })).unwrap();
    let registered = acknowledged.len() + unanswered.len();
    assert_eq!(found["workshop"], json!({ "seatsTaken": registered, "registrations": { "totalCount": registered } }));
}
