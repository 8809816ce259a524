//! `registerGuest`: success, every problem with its code and message, and the order in which problems are checked.

use chrono::TimeDelta;
use domain::{CenterId, GuestId, Stage, WorkshopId};
use macro_rules_attribute::apply;
use serde_json::{Value, json};
use tests::{TestApp, a_workshop, on_each_database};
use uuid::Uuid;

const MISSING_INPUT: &str =
    "SessionId/Workshop Details/user id/ center id were not passed. Please check the input params.";
const ALREADY_REGISTERED: &str = "Guest is already enrolled to the workshop or is on the waiting list";
const WAITLIST_NOT_OPEN: &str = "Workshop is not open for registrations, cannot add guest to waitlist";
const NOT_OPEN: &str = "Workshop is not open for registrations, cannot register to class";
const FULL: &str = "Workshop capacity exceeded, cannot register to Workshop";
const NOT_OF_WORKSHOP: &str = "The track passed is not associated with the passed workshop";

#[apply(on_each_database)]
async fn a_guest_gets_a_seat(app: TestApp) {
    let workshop = app.given(a_workshop()).await;
    let answer = app.register(&workshop, "ann").await;
    let ann = answer.registration();
    assert_eq!(ann["status"], "REGISTERED");
    assert_eq!(ann["waitlistPosition"], Value::Null);
    assert_eq!(ann["workshop"], json!({ "id": workshop.id, "seatsTaken": 1 }));
    assert_eq!(ann["guest"]["id"], json!(app.guest("ann").await));
    assert_eq!(ann["track"]["trackId"], workshop.tracks[0]);
    assert_eq!(ann["center"]["id"], workshop.center);
}

#[apply(on_each_database)]
async fn a_waitlist_request_joins_the_waitlist_even_while_seats_are_free(app: TestApp) {
    let workshop = app.given(a_workshop()).await;
    for (position, guest) in [(1, "ann"), (2, "bob"), (3, "cem")] {
        let answer = app.waitlist(&workshop, guest).await;
        let waiting = answer.registration();
        assert_eq!((&waiting["status"], &waiting["waitlistPosition"]), (&json!("WAITLISTED"), &json!(position)));
        assert_eq!(waiting["workshop"]["seatsTaken"], 0);
    }
}

#[apply(on_each_database)]
async fn missing_input_lists_all_missing_fields(app: TestApp) {
    let workshop = app.given(a_workshop()).await;
    for (input, fields) in [
        (json!({}), json!(["trackId", "guestId", "centerId"])),
        (json!({ "trackId": null, "guestId": "", "centerId": " \t" }), json!(["trackId", "guestId", "centerId"])),
        (json!({ "trackId": 0, "centerId": "x" }), json!(["guestId"])),
    ] {
        let answer = app.register_with(&workshop, &input).await;
        assert_eq!(answer.problem(), ("MissingInput", 1004, MISSING_INPUT));
        assert_eq!(answer.field()["fields"], fields);
    }
}

#[apply(on_each_database)]
async fn an_unknown_id_is_invalid(app: TestApp) {
    let workshop = app.given(a_workshop()).await;
    let elsewhere = app.given(a_workshop()).await;
    let good = app.input(&workshop, "ann").await;
    let with = |field: &str, value: Value| {
        let mut input = good.clone();
        input[field] = value;
        input
    };
    let unknown = WorkshopId::from_uuid(Uuid::now_v7()).to_string();
    for id in [unknown.as_str(), "", "wks_", "7", &app.guest("ann").await, "wks_\u{0}", "wks_ÀÀÀÀÀÀÀÀÀÀÀÀÀ"]
    {
        let nowhere = tests::Workshop { id: id.to_owned(), ..workshop.clone() };
        assert_eq!(
            app.register_with(&nowhere, &good).await.problem(),
            ("WorkshopInvalid", 1001, "Workshop is invalid")
        );
    }
    for id in [GuestId::from_uuid(Uuid::now_v7()).to_string(), workshop.id.clone(), "ann".to_owned()] {
        let answer = app.register_with(&workshop, &with("guestId", id.into())).await;
        assert_eq!(answer.problem(), ("GuestInvalid", 502, "Invalid guest_id."));
    }
    for id in [CenterId::from_uuid(Uuid::now_v7()).to_string(), elsewhere.center.clone(), "ctr_x".to_owned()] {
        let answer = app.register_with(&workshop, &with("centerId", id.into())).await;
        assert_eq!(answer.problem(), ("CenterInvalid", 502, "Invalid center_id."));
    }
    for number in [elsewhere.tracks[0], 0, -1, i32::MAX] {
        let answer = app.register_with(&workshop, &with("trackId", number.into())).await;
        assert_eq!(answer.problem(), ("TrackNotInWorkshop", 502, NOT_OF_WORKSHOP));
    }
    assert_eq!(app.database.number("SELECT COUNT(*) FROM registrations").await, 0);
}

#[apply(on_each_database)]
async fn a_draft_is_invalid(app: TestApp) {
    let workshop = app.given(a_workshop().stage(Stage::Draft)).await;
    assert_eq!(app.register(&workshop, "ann").await.problem(), ("WorkshopInvalid", 1001, "Workshop is invalid"));
}

#[apply(on_each_database)]
async fn a_registered_guest_is_refused_with_the_live_registration(app: TestApp) {
    let workshop = app.given(a_workshop().capacity(1)).await;
    let first = app.register(&workshop, "ann").await;
    for answer in [app.register(&workshop, "ann").await, app.waitlist(&workshop, "ann").await] {
        assert_eq!(answer.problem(), ("AlreadyRegistered", 1010, ALREADY_REGISTERED));
        let live = json!({ "id": first.registration()["id"], "status": "REGISTERED" });
        assert_eq!(answer.field()["registration"], live);
    }
}

#[apply(on_each_database)]
async fn a_workshop_that_is_not_open_returns_the_reason(app: TestApp) {
    let hour = TimeDelta::hours(1);
    for (workshop, reason) in [
        (a_workshop().window(Some(hour), None), "NOT_YET_OPEN"),
        (a_workshop().window(None, Some(-hour)), "CLOSED"),
        (a_workshop().window(None, Some(TimeDelta::zero())), "CLOSED"),
        (a_workshop().window(None, None).sessions([TimeDelta::zero()]), "CLOSED"),
        (a_workshop().stage(Stage::Cancelled), "WORKSHOP_CANCELLED"),
        (a_workshop().sessions([-hour * 3]), "WORKSHOP_COMPLETED"),
    ] {
        let workshop = app.given(workshop).await;
        let answer = app.register(&workshop, "ann").await;
        assert_eq!(answer.problem(), ("RegistrationNotOpen", 1009, NOT_OPEN));
        assert_eq!(answer.field()["reason"], reason);
        let answer = app.waitlist(&workshop, "ann").await;
        assert_eq!(answer.problem(), ("WaitlistNotOpen", 1009, WAITLIST_NOT_OPEN));
        assert_eq!(answer.field()["reason"], reason);
    }
}

#[apply(on_each_database)]
async fn the_registration_window_includes_its_first_instant(app: TestApp) {
    let window = (Some(TimeDelta::zero()), Some(TimeDelta::hours(2)));
    let workshop = app.given(a_workshop().window(window.0, window.1)).await;
    app.register(&workshop, "ann").await.registration();
    app.set_time(tests::now() + TimeDelta::hours(2));
    let late = app.register(&workshop, "bob").await;
    assert_eq!(late.field()["opensAt"], "2027-03-01T12:00:00Z");
    assert_eq!(late.field()["closesAt"], "2027-03-01T14:00:00Z");
}

#[apply(on_each_database)]
async fn a_waitlist_that_is_not_open_returns_the_reason(app: TestApp) {
    for (workshop, reason) in [
        (a_workshop().no_waitlist(), "WAITLIST_DISABLED"),
        (a_workshop().capacity(None), "WAITLIST_DISABLED"),
        (a_workshop().waitlist_limit(0), "WAITLIST_FULL"),
    ] {
        let workshop = app.given(workshop).await;
        let answer = app.waitlist(&workshop, "ann").await;
        assert_eq!(answer.problem(), ("WaitlistNotOpen", 1009, WAITLIST_NOT_OPEN));
        assert_eq!(answer.field()["reason"], reason);
        app.register(&workshop, "ann").await.registration();
    }
}

#[apply(on_each_database)]
async fn a_full_workshop_refuses_instead_of_waitlisting(app: TestApp) {
    let workshop = app.given(a_workshop().capacity(1).waitlist_limit(1)).await;
    app.register(&workshop, "ann").await.registration();
    let full = |open: bool| json!({ "scope": "WORKSHOP", "capacity": 1, "waitlistOpen": open });
    let details = |field: &Value| json!({ "scope": field["scope"], "capacity": field["capacity"], "waitlistOpen": field["waitlistOpen"] });
    let answer = app.register(&workshop, "bob").await;
    assert_eq!(answer.problem(), ("CapacityExceeded", 1011, FULL));
    assert_eq!(details(answer.field()), full(true));
    app.waitlist(&workshop, "bob").await.registration();
    assert_eq!(details(app.register(&workshop, "cem").await.field()), full(false));
}

#[apply(on_each_database)]
async fn a_track_can_be_full_while_the_workshop_is_not(app: TestApp) {
    let workshop = app.given(a_workshop().track(1)).await;
    let on_second = |mut input: Value| {
        input["trackId"] = workshop.tracks[1].into();
        input
    };
    let ann = on_second(app.input(&workshop, "ann").await);
    let bob = on_second(app.input(&workshop, "bob").await);
    app.register_with(&workshop, &ann).await.registration();
    let answer = app.register_with(&workshop, &bob).await;
    assert_eq!(answer.problem(), ("CapacityExceeded", 1011, FULL));
    assert_eq!((&answer.field()["scope"], &answer.field()["capacity"]), (&json!("TRACK"), &json!(1)));
    app.register(&workshop, "bob").await.registration();
}

#[apply(on_each_database)]
async fn a_request_with_several_problems_returns_the_first(app: TestApp) {
    // The workshop is full and closed, and the guest is already registered. The first request has only invalid ids. Each
    // step corrects the reported problem, so the next one is returned.
    let workshop = app.given(a_workshop().capacity(1).window(None, Some(TimeDelta::hours(1)))).await;
    app.register(&workshop, "ann").await.registration();
    app.set_time(tests::now() + TimeDelta::hours(2));
    let nowhere = tests::Workshop { id: "wks_nowhere".to_owned(), ..workshop.clone() };
    let good = app.input(&workshop, "ann").await;
    let mut answers = Vec::new();

    let mut input = json!({ "trackId": -1, "guestId": "nobody", "centerId": "" });
    answers.push(app.register_with(&nowhere, &input).await);
    input["centerId"] = "nowhere".into();
    answers.push(app.register_with(&nowhere, &input).await);
    answers.push(app.register_with(&workshop, &input).await);
    input["guestId"] = good["guestId"].clone();
    answers.push(app.register_with(&workshop, &input).await);
    input["centerId"] = good["centerId"].clone();
    answers.push(app.register_with(&workshop, &input).await);
    input["trackId"] = good["trackId"].clone();
    answers.push(app.register_with(&workshop, &input).await);
    answers.push(app.waitlist(&workshop, "bob").await);
    answers.push(app.register(&workshop, "bob").await);
    app.set_time(tests::now());
    answers.push(app.register(&workshop, "bob").await);

    let types: Vec<_> = answers.iter().map(|answer| answer.problem().0).collect();
    let order = [
        "MissingInput",
        "WorkshopInvalid",
        "GuestInvalid",
        "CenterInvalid",
        "TrackNotInWorkshop",
        "AlreadyRegistered",
        "WaitlistNotOpen",
        "RegistrationNotOpen",
        "CapacityExceeded",
    ];
    assert_eq!(types, order);
}

#[apply(on_each_database)]
async fn a_registration_writes_one_journal_entry_and_a_refusal_none(app: TestApp) {
    let workshop = app.given(a_workshop().capacity(1)).await;
    app.register(&workshop, "ann").await.registration();
    app.register(&workshop, "bob").await.problem();
    app.waitlist(&workshop, "bob").await.registration();
    app.waitlist(&workshop, "bob").await.problem();
    let entries = |kind: i32, after: i32| {
        format!(
            "SELECT COUNT(*) FROM journal WHERE kind = {kind} AND status_before IS NULL AND status_after = {after} \
             AND actor = 'anonymous'"
        )
    };
    assert_eq!(app.database.number(&entries(0, 0)).await, 1);
    assert_eq!(app.database.number(&entries(1, 4)).await, 1);
    assert_eq!(app.database.number("SELECT COUNT(*) FROM journal").await, 2);
}
