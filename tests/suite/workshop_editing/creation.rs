//! The creation of a workshop.

use macro_rules_attribute::apply;
use serde_json::{Value, json};
use tests::{TestApp, on_each_database};

use super::{ID_TAKEN, INVALID, NO_CENTER, TIMES, WINDOW, assert_consistent, run_edit};

async fn create(app: &TestApp, input: Value) -> tests::Answer {
    run_edit(app, "createWorkshop", Value::Null, input).await
}

#[apply(on_each_database)]
async fn a_workshop_is_created_as_a_draft_with_its_tracks_and_sessions(app: TestApp) {
    let center = app.center("A center").await.to_string();
    let session = |day: u32| {
        json!({ "title": format!("Day {day}"), "startsAt": format!("2027-04-0{day}T09:00:00Z"),
                "endsAt": format!("2027-04-0{day}T12:00:00Z"), "centerId": center, "room": "3" })
    };
    let input = json!({
        "title": "  Clay ", "description": "Two days.\nBring an apron.", "externalId": "shop-1",
        "registrationOpensAt": "2027-03-01T00:00:00+01:00", "registrationClosesAt": "2027-04-01T00:00:00Z",
        "capacity": 12, "waitlistEnabled": true, "waitlistLimit": 5, "centerIds": [center, center],
        "tracks": [{ "name": "Wheel", "capacity": 4, "sessions": [session(2), session(1)] }, { "name": "Hand" }],
    });
    let answer = create(&app, input).await;
    let workshop = answer.field();
    let expected = json!({
        "__typename": "Workshop", "title": "Clay", "description": "Two days.\nBring an apron.", "externalId": "shop-1",
        "status": "DRAFT", "version": 1, "capacity": 12, "seatsTaken": 0, "waitlistLength": 0, "waitlistEnabled": true,
        "waitlistLimit": 5, "registrationOpensAt": "2027-02-28T23:00:00Z",
        "registrationClosesAt": "2027-04-01T00:00:00Z", "startsAt": "2027-04-01T09:00:00Z",
        "endsAt": "2027-04-02T12:00:00Z", "updatedAt": "2027-03-01T12:00:00Z", "centers": [{ "id": center }],
    });
    for (field, value) in expected.as_object().unwrap() {
        assert_eq!(&workshop[field], value, "{field}");
    }
    assert_eq!(workshop["tracks"][0]["startsAt"], "2027-04-01T09:00:00Z");
    assert_eq!(workshop["tracks"][0]["capacity"], 4);
    assert_eq!(workshop["tracks"][1]["endsAt"], Value::Null);
    assert_eq!(workshop["sessions"][0]["title"], "Day 1");
    assert_consistent(&app).await;
}

#[apply(on_each_database)]
async fn a_workshop_can_be_created_with_only_a_title(app: TestApp) {
    let answer = create(&app, json!({ "title": "Clay" })).await;
    let workshop = answer.field();
    assert_eq!(workshop["capacity"], Value::Null);
    assert_eq!(workshop["waitlistEnabled"], false);
    assert_eq!((&workshop["tracks"], &workshop["centers"]), (&json!([]), &json!([])));
    assert_consistent(&app).await;
}

#[apply(on_each_database)]
async fn all_invalid_fields_are_listed_at_once(app: TestApp) {
    let session = json!({ "title": "\u{7}", "startsAt": "2027-04-01T09:00:00Z", "endsAt": "2027-04-01T10:00:00Z",
                          "centerId": "ctr_", "room": "" });
    let answer = create(
        &app,
        json!({
            "title": " ", "description": "a\u{0}", "externalId": "", "capacity": -1, "waitlistLimit": 1_000_001,
            "tracks": [{ "name": "x".repeat(201), "capacity": -1, "sessions": [session] }],
        }),
    )
    .await;
    assert_eq!(answer.problem(), INVALID);
    let named: Vec<_> =
        answer.field()["fields"].as_array().unwrap().iter().map(|wrong| wrong["field"].as_str().unwrap()).collect();
    let expected = [
        "title",
        "description",
        "externalId",
        "capacity",
        "waitlistLimit",
        "tracks[0].name",
        "tracks[0].capacity",
        "tracks[0].sessions[0].title",
        "tracks[0].sessions[0].room",
    ];
    assert_eq!(named, expected);
    let sentence = "It must have 1 to 200 characters, none of them a control character.";
    assert_eq!(answer.field()["fields"][0]["message"], sentence);
    assert_eq!(app.database.number("SELECT COUNT(*) FROM workshops").await, 0);
}

#[apply(on_each_database)]
async fn a_refused_workshop_writes_no_rows(app: TestApp) {
    let (center, other) = (app.center("One").await.to_string(), app.center("Other").await.to_string());
    let window = json!({ "title": "Clay", "registrationOpensAt": "2027-04-01T00:00:00Z",
                         "registrationClosesAt": "2027-04-01T00:00:00Z" });
    assert_eq!(create(&app, window).await.problem(), WINDOW);
    let with_session = |ends_at: &str, at: &str| {
        let session = json!({ "title": "Day", "startsAt": "2027-04-01T09:00:00Z", "endsAt": ends_at, "centerId": at });
        json!({ "title": "Clay", "centerIds": [center], "tracks": [{ "name": "Wheel", "sessions": [session] }] })
    };
    assert_eq!(create(&app, with_session("2027-04-01T09:00:00Z", &center)).await.problem(), TIMES);
    assert_eq!(create(&app, with_session("2027-04-01T10:00:00Z", &other)).await.problem(), NO_CENTER);
    for id in ["ctr_01kdvdna00e008000004000000", "ctr_", "", "\u{0}"] {
        let input = json!({ "title": "Clay", "centerIds": [center, id] });
        assert_eq!(create(&app, input).await.problem(), NO_CENTER, "{id:?}");
    }
    let named = json!({ "title": "Clay", "externalId": "shop-1" });
    create(&app, named.clone()).await.field();
    assert_eq!(create(&app, named).await.problem(), ID_TAKEN);
    assert_eq!(app.database.number("SELECT COUNT(*) FROM workshops").await, 1);
    assert_eq!(app.database.number("SELECT COUNT(*) FROM tracks").await, 0);
}

#[apply(on_each_database)]
async fn instants_outside_the_years_0001_to_9999_are_rejected(app: TestApp) {
    for instant in ["+10000-01-01T00:00:00Z", "-0001-01-01T00:00:00Z", "0000-01-01T00:00:00Z"] {
        let answer = create(&app, json!({ "title": "Clay", "registrationOpensAt": instant })).await;
        assert!(answer.error_message().contains("not in the years 0001 to 9999"), "{instant}: {:#}", answer.body);
    }
    let leap = json!({ "title": "Clay", "registrationOpensAt": "2016-12-31T23:59:60.1234567Z" });
    assert_eq!(create(&app, leap).await.field()["registrationOpensAt"], "2017-01-01T00:00:00.123456Z");
}
