use chrono::TimeDelta;
use domain::{Stage, WorkshopId};
use futures_util::FutureExt;
use macro_rules_attribute::apply;
use serde_json::{Value, json};
use tests::{Socket, TestApp, a_workshop, now, on_each_database, staff_of};

use super::{SEATS, operation};

fn seats(capacity: u32, taken: u32, waiting: u32, state: &str) -> Value {
    json!({ "capacity": capacity, "seatsTaken": taken, "seatsAvailable": capacity - taken, "waitlistLength": waiting,
        "registrationState": state })
}

async fn update(app: &TestApp, workshop: &str, input: Value) {
    let query = "mutation ($id: ID!, $input: UpdateWorkshopInput!) {
        updateWorkshop(workshopId: $id, input: $input) { __typename } }";
    let answer = app.graphql(query, &json!({ "id": workshop, "input": input })).await;
    assert_eq!(answer.field()["__typename"], "UpdateWorkshopSuccess");
}

#[apply(on_each_database)]
async fn a_seats_subscription_sends_the_current_seats_and_each_change(app: TestApp) {
    let workshop = app.given(a_workshop().capacity(2)).await;
    app.register(&workshop, "ann").await.registration();
    let mut socket = Socket::acknowledged(&app).await;
    socket.subscribe("1", &operation(SEATS, &json!({ "id": workshop.id }))).await;
    assert_eq!(socket.expect_data("1").await, seats(2, 1, 0, "OPEN"));
    let bob = app.register(&workshop, "bob").await.registration().clone();
    assert_eq!(socket.expect_data("1").await, seats(2, 2, 0, "WAITLIST_ONLY"));
    app.waitlist(&workshop, "eve").await.registration();
    assert_eq!(socket.expect_data("1").await, seats(2, 2, 1, "WAITLIST_ONLY"));
    // Eve gets the seat that Bob gives back.
    app.cancel(&bob).await.promoted();
    assert_eq!(socket.expect_data("1").await, seats(2, 2, 0, "WAITLIST_ONLY"));
    update(&app, &workshop.id, json!({ "capacity": 3 })).await;
    assert_eq!(socket.expect_data("1").await, seats(3, 2, 0, "OPEN"));
    // Time alone changes the state.
    app.set_time(now() + TimeDelta::days(2));
    assert_eq!(socket.expect_data("1").await, seats(3, 2, 0, "CLOSED"));
}

#[apply(on_each_database)]
async fn unchanged_seats_are_not_sent(app: TestApp) {
    let (workshop, other) = (app.given(a_workshop()).await, app.given(a_workshop()).await);
    let query = "subscription ($id: ID!) { workshopSeats(workshopId: $id) { seatsTaken workshop { title } } }";
    let mut events = app.subscribe(query, &json!({ "id": workshop.id })).await;
    let seats = |taken: u32, title: &str| json!({ "seatsTaken": taken, "workshop": { "title": title } });
    assert_eq!(events.expect_data().await, seats(0, "A workshop"));
    update(&app, &workshop.id, json!({ "title": "Another title" })).await;
    app.register(&other, "ann").await.registration();
    app.register(&workshop, "ann").await.registration();
    assert_eq!(events.expect_data().await, seats(1, "Another title"));
}

#[apply(on_each_database)]
async fn an_unknown_workshop_is_rejected(app: TestApp) {
    let guest = app.guest("ann").await;
    let unknown = WorkshopId::from_uuid(uuid::Uuid::nil()).to_string();
    let mut socket = Socket::acknowledged(&app).await;
    for id in [&unknown, &guest, "", "nonsense"] {
        socket.subscribe("1", &operation(SEATS, &json!({ "id": id }))).await;
        let refused = socket.receive().await;
        assert_eq!(refused["type"], "error", "{refused:#}");
        assert_eq!(refused["payload"][0]["extensions"]["code"], "BAD_USER_INPUT");
        assert!(refused["payload"][0]["message"].as_str().unwrap().contains("workshopId"));
    }
}

#[apply(on_each_database)]
async fn a_slow_subscriber_gets_only_the_newest_seats(app: TestApp) {
    let workshop = app.given(a_workshop().capacity(10)).await;
    let mut watching = app.store.watch_seats(&app.view(), workshop.id.parse().unwrap()).await.unwrap().unwrap();
    assert_eq!(watching.next().await.unwrap().unwrap().workshop.seats_taken, 0);
    for guest in ["ann", "bob", "eve", "joe", "kim"] {
        app.register(&workshop, guest).await.registration();
        // When this returns, the feed has processed all earlier changes.
        app.store.follower_counts().await.unwrap();
    }
    assert_eq!(watching.next().await.unwrap().unwrap().workshop.seats_taken, 5);
    assert!(watching.next().now_or_never().is_none(), "there is no newer value");
}

#[apply(on_each_database)]
async fn a_late_subscriber_first_gets_the_row_as_it_is(app: TestApp) {
    let workshop = app.given(a_workshop().capacity(10)).await;
    let mut early = app.subscribe(SEATS, &json!({ "id": workshop.id })).await;
    assert_eq!(early.expect_data().await, seats(10, 0, 0, "OPEN"));
    // Another server has committed, and this one has not been notified yet.
    app.database.execute("UPDATE workshops SET seats_taken = 3").await.unwrap();
    let mut late = app.subscribe(SEATS, &json!({ "id": workshop.id })).await;
    assert_eq!(late.expect_data().await, seats(10, 3, 0, "OPEN"));
    assert_eq!(early.expect_data().await, seats(10, 3, 0, "OPEN"));
}

#[apply(on_each_database)]
async fn a_draft_that_goes_out_of_sight_is_no_longer_reported(app: TestApp) {
    let (here, there) = (app.center("Here").await, app.center("There").await);
    let draft = app.given_at(here, a_workshop().stage(Stage::Draft).capacity(1)).await;
    let client = app.client_with_key(&app.key(staff_of(&here.to_string())).await);
    let mut events = client.subscribe(SEATS, &json!({ "id": draft.id })).await;
    let address = app.listen().await;
    let key = app.key(staff_of(&here.to_string())).await;
    let mut socket = Socket::open_at(address).await.init_with(&json!({ "authorization": key.authorization() })).await;
    socket.subscribe("1", &operation(SEATS, &json!({ "id": draft.id }))).await;
    assert_eq!(events.expect_data().await["capacity"], 1);
    assert_eq!(socket.expect_data("1").await["capacity"], 1);
    update(&app, &draft.id, json!({ "capacity": 2 })).await;
    assert_eq!(events.expect_data().await["capacity"], 2);
    assert_eq!(socket.expect_data("1").await["capacity"], 2);
    update(&app, &draft.id, json!({ "capacity": 3, "centerIds": [there.to_string()] })).await;
    assert_eq!(events.event().await.unwrap().0, "complete");
    assert_eq!(socket.receive().await, json!({ "type": "complete", "id": "1" }));
    // The center can run the workshop again, and a published workshop is visible to all.
    update(&app, &draft.id, json!({ "centerIds": [here.to_string(), there.to_string()] })).await;
    let mut events = client.subscribe(SEATS, &json!({ "id": draft.id })).await;
    assert_eq!(events.expect_data().await["capacity"], 3);
}
