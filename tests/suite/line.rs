//! The line: whoever frees a seat gives it, in the same transaction, to the first who can use it.

use chrono::TimeDelta;
use macro_rules_attribute::apply;
use serde_json::{Value, json};
use tests::{TestApp, Workshop, a_workshop, now, on_each_database};

#[apply(on_each_database)]
async fn a_cancelled_seat_goes_to_the_first_in_line(app: TestApp) {
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
async fn who_leaves_the_line_lets_the_others_move_up_and_nobody_in(app: TestApp) {
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
    // A place is never given twice.
    assert_eq!(app.database.number("SELECT MAX(place) FROM registrations").await, 3);
}

/// The input of a guest for the second track.
async fn on_second(app: &TestApp, workshop: &Workshop, guest: &str, waitlist: bool) -> Value {
    let mut input = app.input(workshop, guest).await;
    input["trackId"] = workshop.tracks[1].into();
    input["waitlist"] = waitlist.into();
    app.register_with(workshop, &input).await.registration().clone()
}

#[apply(on_each_database)]
async fn who_waits_for_a_full_track_is_skipped_and_keeps_the_place(app: TestApp) {
    let workshop = app.given(a_workshop().capacity(2).track(1)).await;
    let ann = app.register(&workshop, "ann").await.registration().clone();
    let bob = on_second(&app, &workshop, "bob", false).await;
    let cem = on_second(&app, &workshop, "cem", true).await;
    let dan = app.waitlist(&workshop, "dan").await.registration().clone();
    assert_eq!(app.cancel(&ann).await.promoted(), [dan["id"].clone()], "cem's track is full");
    assert_eq!(
        app.query(&format!("{{ registration(id: {}) {{ waitlistPosition }} }}", cem["id"])).await["waitlistPosition"],
        1
    );
    assert_eq!(app.cancel(&bob).await.promoted(), [cem["id"].clone()]);
}

#[apply(on_each_database)]
async fn a_track_that_somebody_leaves_takes_the_first_who_waits_for_it(app: TestApp) {
    let workshop = app.given(a_workshop().capacity(3).track(1)).await;
    let ann = on_second(&app, &workshop, "ann", false).await;
    let bob = on_second(&app, &workshop, "bob", true).await;
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
    assert_eq!(same.promoted(), [Value::Null; 0], "it is there already");
    let nowhere = app.on(&ann, "changeTrack", ", trackId: -1").await;
    assert_eq!(nowhere.problem().0, "TrackNotInWorkshop");
}

#[apply(on_each_database)]
async fn who_waits_may_wait_for_another_track(app: TestApp) {
    let workshop = app.given(a_workshop().capacity(2).track(1)).await;
    on_second(&app, &workshop, "ann", false).await;
    let bob = on_second(&app, &workshop, "bob", true).await;
    let moved = app.on(&bob, "changeTrack", &format!(", trackId: {}", workshop.tracks[0])).await;
    // The first track has room, so the wait is over.
    assert_eq!(moved.field()["registration"]["status"], "REGISTERED");
}

#[apply(on_each_database)]
async fn the_front_desk_may_promote_out_of_turn_while_there_is_a_seat(app: TestApp) {
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
async fn promotion_goes_on_after_the_window_closes_until_the_first_session_starts(app: TestApp) {
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
