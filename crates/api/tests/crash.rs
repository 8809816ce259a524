//! The binary is killed in the middle of work.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod binary;

use std::sync::Mutex;

use binary::Server;
use domain::{CenterId, GuestId, Stage, Window, WorkshopId};
use persistence::{NewCenter, NewGuest, NewTrack, NewWorkshop, Options, Store};
use serde_json::{Value, json};

/// A workshop with seats for everybody, and guests, in an empty database; answers with the input for each guest.
async fn seed(database: &str, guests: usize) -> (String, Vec<Value>) {
    let store = Store::open(&database.parse().unwrap(), Options::default()).await.unwrap();
    store.migrate_up().await.unwrap();
    let (workshop, center) = (WorkshopId::new(), CenterId::new());
    let new = NewCenter { id: center, name: "A center".to_owned(), time_zone: "Etc/UTC".to_owned() };
    store.add_centers(vec![new]).await.unwrap();
    let ids: Vec<_> = (0..guests).map(|_| GuestId::new()).collect();
    let new = |id: &GuestId| NewGuest {
        id: *id,
        external_id: None,
        given_name: "A".to_owned(),
        family_name: "Guest".to_owned(),
        email: None,
        phone: None,
        home_center: None,
    };
    store.add_guests(ids.iter().map(new).collect()).await.unwrap();
    let new = NewWorkshop {
        id: workshop,
        external_id: None,
        title: "A workshop".to_owned(),
        description: None,
        stage: Stage::Published,
        window: Window { opens_at: None, closes_at: None },
        capacity: Some(1_000_000),
        waitlist_enabled: false,
        waitlist_limit: None,
        centers: vec![center],
        tracks: vec![NewTrack { name: "A track".to_owned(), capacity: None, sessions: Vec::new() }],
    };
    let track = store.add_workshop(new).await.unwrap()[0].number();
    store.close().await;
    let input = |guest: GuestId| {
        json!({ "trackId": track, "guestId": guest.to_string(), "centerId": center.to_string(),
                "idempotencyKey": guest.to_string() })
    };
    (workshop.to_string(), ids.into_iter().map(input).collect())
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

#[tokio::test]
async fn what_was_acknowledged_survives_and_a_retry_does_not_double_it() {
    let folder = tempfile::tempdir().unwrap();
    let database = format!("sqlite:{}", folder.path().join("a.db").display());
    let (workshop, inputs) = seed(&database, 2_000).await;
    let arguments = ["serve", "--database-url", &database];

    // Four callers register guests one after the other; the server is killed when a hundred were acknowledged.
    let server = Server::start(&arguments);
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

    let server = Server::start(&arguments);
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
