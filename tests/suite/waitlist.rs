//! The waitlist: a freed seat goes to the first waitlisted guest who can use it, in the same transaction.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
};

use chrono::TimeDelta;
use futures_util::future::join_all;
use macro_rules_attribute::apply;
use serde_json::{Value, json};
use tests::{Client, TestApp, Workshop, a_workshop, now, on_each_database};

#[apply(on_each_database)]
async fn a_cancelled_seat_goes_to_the_first_waitlisted_guest(app: TestApp) {
    let workshop = app.given(a_workshop().capacity(1)).await;
    let ann = app.register(&workshop, "ann").await.registration().clone();
    let bob = app.waitlist(&workshop, "bob").await.registration().clone();
    let cem = app.waitlist(&workshop, "cem").await.registration().clone();
    let cancelled = app.cancel(&ann).await;
    assert_eq!(cancelled.promoted(), [bob["id"].clone()]);
    assert_eq!(cancelled.field()["promoted"][0]["status"], "REGISTERED");
    assert_eq!(cancelled.field()["promoted"][0]["fromWaitlist"], true);
    assert_eq!(cancelled.field()["workshop"], json!({ "seatsTaken": 1, "waitlistLength": 1 }));
    let position = |id: &Value| format!("{{ registration(id: {id}) {{ waitlistPosition }} }}");
    assert_eq!(app.query(&position(&cem["id"])).await["waitlistPosition"], 1);
    assert_eq!(app.query(&position(&bob["id"])).await["waitlistPosition"], Value::Null);
}

#[apply(on_each_database)]
async fn leaving_the_waitlist_moves_others_up_and_promotes_no_guest(app: TestApp) {
    let workshop = app.given(a_workshop().capacity(1)).await;
    app.register(&workshop, "ann").await.registration();
    let bob = app.waitlist(&workshop, "bob").await.registration().clone();
    let cem = app.waitlist(&workshop, "cem").await.registration().clone();
    assert_eq!(app.cancel(&bob).await.promoted(), [Value::Null; 0]);
    let dan = app.waitlist(&workshop, "dan").await.registration().clone();
    for (id, position) in [(&cem["id"], 1), (&dan["id"], 2)] {
        assert_eq!(
            app.query(&format!("{{ registration(id: {id}) {{ waitlistPosition }} }}")).await["waitlistPosition"],
            position
        );
    }
    // A waitlist number is never reused.
    assert_eq!(app.database.number("SELECT MAX(waitlist_number) FROM registrations").await, 3);
}

/// Registers a guest for the second track.
async fn register_on_second_track(app: &TestApp, workshop: &Workshop, guest: &str, waitlist: bool) -> Value {
    let mut input = app.input(workshop, guest).await;
    input["trackId"] = workshop.tracks[1].into();
    input["waitlist"] = waitlist.into();
    app.register_with(workshop, &input).await.registration().clone()
}

#[apply(on_each_database)]
async fn a_guest_who_waits_for_a_full_track_is_skipped_and_keeps_the_position(app: TestApp) {
    let workshop = app.given(a_workshop().capacity(2).track(1)).await;
    let ann = app.register(&workshop, "ann").await.registration().clone();
    let bob = register_on_second_track(&app, &workshop, "bob", false).await;
    let cem = register_on_second_track(&app, &workshop, "cem", true).await;
    let dan = app.waitlist(&workshop, "dan").await.registration().clone();
    assert_eq!(app.cancel(&ann).await.promoted(), [dan["id"].clone()], "Cem's track is full");
    assert_eq!(
        app.query(&format!("{{ registration(id: {}) {{ waitlistPosition }} }}", cem["id"])).await["waitlistPosition"],
        1
    );
    assert_eq!(app.cancel(&bob).await.promoted(), [cem["id"].clone()]);
}

#[apply(on_each_database)]
async fn a_seat_freed_by_a_track_change_goes_to_the_first_guest_waiting_for_the_track(app: TestApp) {
    let workshop = app.given(a_workshop().capacity(3).track(1)).await;
    let ann = register_on_second_track(&app, &workshop, "ann", false).await;
    let bob = register_on_second_track(&app, &workshop, "bob", true).await;
    let to_first = format!(", trackId: {}", workshop.tracks[0]);
    let moved = app.on(&ann, "changeTrack", &to_first).await;
    assert_eq!(moved.promoted(), [bob["id"].clone()]);
    assert_eq!(moved.field()["registration"]["track"]["trackId"], workshop.tracks[0]);
    let taken = |track: usize| json!({ "trackId": workshop.tracks[track], "seatsTaken": 1 });
    assert_eq!(
        moved.field()["workshop"],
        json!({ "seatsTaken": 2, "waitlistLength": 0, "tracks": [taken(0), taken(1)] })
    );

    let to_second = format!(", trackId: {}", workshop.tracks[1]);
    let full = app.on(&ann, "changeTrack", &to_second).await;
    assert_eq!(full.problem(), ("CapacityExceeded", 1011, "Workshop capacity exceeded, cannot register to Workshop"));
    let same = app.on(&ann, "changeTrack", &to_first).await;
    assert_eq!(same.promoted(), [Value::Null; 0], "the registration already has this track");
    let nowhere = app.on(&ann, "changeTrack", ", trackId: -1").await;
    assert_eq!(nowhere.problem().0, "TrackNotInWorkshop");
}

#[apply(on_each_database)]
async fn a_waitlisted_guest_can_change_to_another_track(app: TestApp) {
    let workshop = app.given(a_workshop().capacity(2).track(1)).await;
    register_on_second_track(&app, &workshop, "ann", false).await;
    let bob = register_on_second_track(&app, &workshop, "bob", true).await;
    let moved = app.on(&bob, "changeTrack", &format!(", trackId: {}", workshop.tracks[0])).await;
    // The first track has a free seat, so the guest is promoted.
    assert_eq!(moved.field()["registration"]["status"], "REGISTERED");
    assert_eq!(moved.promoted(), [bob["id"].clone()]);
}

#[apply(on_each_database)]
async fn the_front_desk_can_promote_out_of_order_while_a_seat_is_free(app: TestApp) {
    let workshop = app.given(a_workshop().capacity(1)).await;
    let ann = app.waitlist(&workshop, "ann").await.registration().clone();
    let bob = app.waitlist(&workshop, "bob").await.registration().clone();
    let promoted = app.on(&bob, "promoteFromWaitlist", "").await;
    assert_eq!(promoted.registration()["status"], "REGISTERED");
    assert_eq!(promoted.registration()["promotedAt"], "2027-03-01T12:00:00Z");
    let full = app.on(&ann, "promoteFromWaitlist", "").await;
    assert_eq!(full.problem().0, "CapacityExceeded");
}

#[apply(on_each_database)]
async fn promotion_continues_after_the_window_closes_until_the_first_session_starts(app: TestApp) {
    let hour = TimeDelta::hours;
    let workshop = app.given(a_workshop().capacity(2).window(None, Some(hour(1))).sessions([hour(3)])).await;
    let ann = app.register(&workshop, "ann").await.registration().clone();
    let bob = app.register(&workshop, "bob").await.registration().clone();
    let cem = app.waitlist(&workshop, "cem").await.registration().clone();
    app.waitlist(&workshop, "dan").await.registration();
    app.set_time(now() + hour(2));
    assert_eq!(app.cancel(&ann).await.promoted(), [cem["id"].clone()]);
    app.set_time(now() + hour(3));
    assert_eq!(app.cancel(&bob).await.promoted(), [Value::Null; 0]);
}

/// Cancels randomly chosen registrations, one after the other. Returns the promoted ones.
async fn cancel_at_random(client: Client, seats: Arc<Mutex<Vec<Value>>>, times: usize, seed: u64) -> Vec<Value> {
    let (mut promoted, mut random) = (Vec::new(), seed);
    for _ in 0..times {
        // Knuth's generator, with another seed for each task.
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let id = {
            let mut seats = seats.lock().unwrap();
            let chosen = usize::try_from(random >> 33).unwrap() % seats.len();
            seats.swap_remove(chosen)
        };
        let cancel = "mutation ($id: ID!) { cancelRegistration(registrationId: $id) {
            ... on CancelRegistrationSuccess { promoted { id status } } ... on Problem { message } } }";
        let answer = client.graphql(cancel, &json!({ "id": id })).await;
        let freed = answer.promoted();
        assert_eq!(freed.len(), 1, "one freed seat promotes one guest");
        seats.lock().unwrap().extend(freed.clone());
        promoted.extend(freed);
    }
    promoted
}

#[apply(on_each_database)]
async fn concurrent_cancellations_fill_every_seat_and_promote_no_guest_twice(app: TestApp) {
    let workshop = app.given(a_workshop().capacity(20)).await;
    let names: Vec<_> = (0..1_220).map(|number| format!("guest {number}")).collect();
    let guests = app.guests(&names).await;
    let input = |guest: &String, waitlist: bool| json!({ "trackId": workshop.tracks[0], "guestId": guest, "centerId": workshop.center, "waitlist": waitlist });
    let mut seats = Vec::new();
    for guest in &guests[..20] {
        seats.push(app.register_with(&workshop, &input(guest, false)).await.registration()["id"].clone());
    }
    for some in guests[20..1_120].chunks(100) {
        let waiting = some.iter().map(|guest| input(guest, true)).collect::<Vec<_>>();
        join_all(waiting.iter().map(|input| app.register_with(&workshop, input))).await;
    }
    let seats = Arc::new(Mutex::new(seats));
    let cancelling = (0..8).map(|task| tokio::spawn(cancel_at_random(app.client(), seats.clone(), 125, task + 1)));
    let newcomers: Vec<_> = guests[1_120..].iter().map(|guest| input(guest, false)).collect();
    let registering = async {
        for input in &newcomers {
            let answer = app.register_with(&workshop, input).await;
            assert_eq!(answer.problem().0, "CapacityExceeded", "no seat is ever free");
        }
    };
    let (cancelled, ()) = tokio::join!(join_all(cancelling), registering);
    let promoted: Vec<_> = cancelled.into_iter().flat_map(Result::unwrap).map(|id| id.to_string()).collect();
    assert_eq!(promoted.iter().collect::<BTreeSet<_>>().len(), 1_000, "no guest twice");
    let counts = format!(
        r#"{{ workshop(id: "{}") {{ seatsTaken waitlistLength statusCounts {{ status count }} }} }}"#,
        workshop.id
    );
    let count = |status: &str, count: i32| json!({ "status": status, "count": count });
    assert_eq!(
        app.query(&counts).await,
        json!({ "seatsTaken": 20, "waitlistLength": 100,
            "statusCounts": [count("REGISTERED", 20), count("CANCELLED", 1_000), count("WAITLISTED", 100)] })
    );
    assert!(app.store.examine().await.unwrap().is_empty());
}
