//! Updates of a workshop.

use chrono::TimeDelta;
use domain::Stage;
use macro_rules_attribute::apply;
use serde_json::{Value, json};
use tests::{TestApp, a_workshop, now, on_each_database};

use super::{
    BELOW_TAKEN, ID_TAKEN, INVALID, NO_CENTER, NO_WORKSHOP, NOT_EDITABLE, NOT_PUBLISHABLE, WINDOW, assert_consistent,
    draft, run_edit, workshop,
};

#[apply(on_each_database)]
async fn omitted_fields_stay_and_null_clears_a_field(app: TestApp) {
    let id = draft(&app).await["id"].clone();
    app.set_time(now() + TimeDelta::hours(1));
    let all = json!({
        "title": "Clay", "description": "Two days.", "externalId": "shop-1", "capacity": 3, "waitlistLimit": 2,
        "registrationOpensAt": "2027-03-01T00:00:00Z", "registrationClosesAt": "2027-04-01T00:00:00Z",
        "waitlistEnabled": false,
    });
    let edited = run_edit(&app, "updateWorkshop", id.clone(), all.clone()).await;
    for (field, value) in all.as_object().unwrap() {
        assert_eq!(&workshop(&edited)[field], value, "{field}");
    }
    assert_eq!(workshop(&edited)["version"], 2);
    assert_eq!(workshop(&edited)["updatedAt"], "2027-03-01T13:00:00Z");

    app.set_time(now() + TimeDelta::hours(2));
    for nothing in [json!({}), all, json!({ "title": null, "waitlistEnabled": null, "centerIds": null })] {
        let same = run_edit(&app, "updateWorkshop", id.clone(), nothing).await;
        assert_eq!(same.field(), edited.field(), "an edit without a change keeps the version");
    }

    let nothing = json!({ "description": null, "externalId": null, "capacity": null, "waitlistLimit": null,
                          "registrationOpensAt": null, "registrationClosesAt": null });
    let cleared = run_edit(&app, "updateWorkshop", id, nothing.clone()).await;
    for (field, value) in nothing.as_object().unwrap() {
        assert_eq!(&workshop(&cleared)[field], value, "{field}");
    }
    assert_eq!((&workshop(&cleared)["title"], &workshop(&cleared)["version"]), (&json!("Clay"), &json!(3)));
    assert_consistent(&app).await;
}

#[apply(on_each_database)]
async fn a_stale_version_is_refused_with_the_current_one(app: TestApp) {
    let id = draft(&app).await["id"].clone();
    let edit = |title: &str| json!({ "title": title, "expectedVersion": 1 });
    workshop(&run_edit(&app, "updateWorkshop", id.clone(), edit("Clay")).await);
    let late = run_edit(&app, "updateWorkshop", id.clone(), edit("Wood")).await;
    assert_eq!(late.problem(), ("VersionConflict", 2031, "The workshop was edited meanwhile"));
    assert_eq!(late.field()["currentVersion"], 2);
    let read_again = json!({ "title": "Wood", "expectedVersion": 2 });
    assert_eq!(workshop(&run_edit(&app, "updateWorkshop", id, read_again).await)["title"], "Wood");
}

#[apply(on_each_database)]
async fn added_seats_go_to_the_first_waitlisted_guests(app: TestApp) {
    let there = app.given(a_workshop().capacity(1).track(0)).await;
    app.register(&there, "ann").await.registration();
    let mut elsewhere = app.input(&there, "eve").await;
    elsewhere["trackId"] = there.tracks[1].into();
    elsewhere["waitlist"] = true.into();
    let eve = app.register_with(&there, &elsewhere).await.registration()["id"].clone();
    let mut waiting = Vec::new();
    for guest in ["bob", "cem", "dan"] {
        waiting.push(app.waitlist(&there, guest).await.registration()["id"].clone());
    }
    let raised = run_edit(&app, "updateWorkshop", there.id.as_str(), json!({ "capacity": 3 })).await;
    assert_eq!(raised.promoted(), waiting[..2], "Eve's track has no seat, and Dan is too far back");
    assert_eq!((&workshop(&raised)["seatsTaken"], &workshop(&raised)["waitlistLength"]), (&json!(3), &json!(2)));
    let unlimited = run_edit(&app, "updateWorkshop", there.id.as_str(), json!({ "capacity": null })).await;
    assert_eq!(unlimited.promoted(), waiting[2..]);
    assert_consistent(&app).await;

    let raised = run_edit(&app, "updateTrack", there.tracks[1], json!({ "capacity": 1 })).await;
    assert_eq!(raised.promoted(), [eve]);
    assert_eq!(raised.field()["track"]["seatsTaken"], 1);
    assert_consistent(&app).await;
}

#[apply(on_each_database)]
async fn removing_the_capacity_promotes_all_waitlisted_guests(app: TestApp) {
    let there = app.given(a_workshop().capacity(0)).await;
    let mut waiting = Vec::new();
    for number in 0..30 {
        waiting.push(app.waitlist(&there, &format!("guest {number}")).await.registration()["id"].clone());
    }
    let unlimited = run_edit(&app, "updateWorkshop", there.id.as_str(), json!({ "capacity": null })).await;
    assert_eq!(unlimited.promoted(), waiting);
    assert_eq!(workshop(&unlimited)["waitlistLength"], 0);
    assert_consistent(&app).await;
}

#[apply(on_each_database)]
async fn a_capacity_below_the_taken_seats_is_refused(app: TestApp) {
    let there = app.given(a_workshop().capacity(3)).await;
    app.register(&there, "ann").await.registration();
    app.register(&there, "bob").await.registration();
    let below = run_edit(&app, "updateWorkshop", there.id.as_str(), json!({ "capacity": 1, "title": "Other" })).await;
    assert_eq!(below.problem(), BELOW_TAKEN);
    assert_eq!((&below.field()["scope"], &below.field()["seatsTaken"]), (&json!("WORKSHOP"), &json!(2)));
    let exact = run_edit(&app, "updateWorkshop", there.id.as_str(), json!({ "capacity": 2 })).await;
    assert_eq!((&workshop(&exact)["capacity"], &workshop(&exact)["title"]), (&json!(2), &json!("A workshop")));
    assert_eq!(app.register(&there, "cem").await.problem().0, "CapacityExceeded");
    assert_consistent(&app).await;
}

#[apply(on_each_database)]
async fn a_refused_update_changes_nothing(app: TestApp) {
    let draft = draft(&app).await;
    let id = draft["id"].as_str().unwrap();
    let edit = async |input: Value| run_edit(&app, "updateWorkshop", id, input).await;
    let wrong = edit(json!({ "title": "", "description": "\u{1}", "waitlistLimit": -1 })).await;
    assert_eq!(wrong.problem(), INVALID);
    assert_eq!(wrong.field()["fields"].as_array().unwrap().len(), 3);
    edit(json!({ "registrationClosesAt": "2027-04-01T00:00:00Z" })).await.field();
    assert_eq!(edit(json!({ "registrationOpensAt": "2027-04-02T00:00:00Z" })).await.problem(), WINDOW);
    assert_eq!(edit(json!({ "centerIds": ["ctr_01kdvdna00e008000004000000"] })).await.problem(), NO_CENTER);
    run_edit(&app, "createWorkshop", Value::Null, json!({ "title": "Other", "externalId": "shop-1" })).await.field();
    assert_eq!(edit(json!({ "externalId": "shop-1", "title": "Mine" })).await.problem(), ID_TAKEN);
    assert_eq!(workshop(&edit(json!({ "externalId": "shop-2" })).await)["title"], "A draft");
    assert_eq!(
        workshop(&edit(json!({ "externalId": "shop-2", "title": "Mine" })).await)["version"],
        4,
        "its own external id"
    );
    for nothing in ["wks_01kdvdna00e008000004000000", "wks_", "", "\u{0}", "trk_1"] {
        assert_eq!(run_edit(&app, "updateWorkshop", nothing, json!({})).await.problem(), NO_WORKSHOP, "{nothing:?}");
    }
}

#[apply(on_each_database)]
async fn centers_can_be_changed_except_those_with_sessions(app: TestApp) {
    let there = app.given(a_workshop().sessions([TimeDelta::days(2)])).await;
    let other = app.center("Other").await.to_string();
    let edit = async |centers: &[&str]| {
        run_edit(&app, "updateWorkshop", there.id.as_str(), json!({ "centerIds": centers })).await
    };
    let both = edit(&[&there.center, &other]).await;
    assert_eq!(workshop(&both)["centers"].as_array().unwrap().len(), 2);
    assert_eq!(workshop(&both)["version"], 2);
    let away = edit(&[&other]).await;
    assert_eq!(away.problem(), INVALID);
    let sentence = "A session takes place at a center that is left out.";
    assert_eq!(away.field()["fields"], json!([{ "field": "centerIds", "message": sentence }]));

    let bare = app.given(a_workshop()).await;
    let nowhere = run_edit(&app, "updateWorkshop", bare.id.as_str(), json!({ "centerIds": [] })).await;
    assert_eq!(nowhere.problem(), NOT_PUBLISHABLE);
    assert_eq!(nowhere.field()["missing"], json!(["CENTER"]));
    let moved = run_edit(&app, "updateWorkshop", bare.id.as_str(), json!({ "centerIds": [other] })).await;
    assert_eq!(workshop(&moved)["centers"], json!([{ "id": other }]));
}

#[apply(on_each_database)]
async fn completed_and_cancelled_workshops_cannot_be_edited(app: TestApp) {
    let cancelled = app.given(a_workshop().stage(Stage::Cancelled)).await;
    let over = app.given(a_workshop().sessions([TimeDelta::hours(1)])).await;
    app.set_time(now() + TimeDelta::hours(2));
    let at = json!({ "title": "Day", "startsAt": "2027-04-01T09:00:00Z", "endsAt": "2027-04-01T10:00:00Z",
                     "centerId": over.center });
    for there in [&cancelled, &over] {
        let (id, track) = (there.id.as_str(), there.tracks[0]);
        assert_eq!(run_edit(&app, "updateWorkshop", id, json!({ "title": "New" })).await.problem(), NOT_EDITABLE);
        assert_eq!(run_edit(&app, "addTrack", id, json!({ "name": "New" })).await.problem(), NOT_EDITABLE);
        assert_eq!(run_edit(&app, "updateTrack", track, json!({ "name": "New" })).await.problem(), NOT_EDITABLE);
        assert_eq!(run_edit(&app, "removeTrack", track, json!({})).await.problem(), NOT_EDITABLE);
        assert_eq!(run_edit(&app, "addSession", track, at.clone()).await.problem(), NOT_EDITABLE);
    }
    assert_eq!(run_edit(&app, "publishWorkshop", cancelled.id.as_str(), json!({})).await.problem(), NOT_EDITABLE);
    assert_eq!(run_edit(&app, "cancelWorkshop", over.id.as_str(), json!({})).await.problem(), NOT_EDITABLE);
    let session = app.query(&format!(r#"{{ workshop(id: "{}") {{ sessions {{ id }} }} }}"#, over.id)).await;
    let session = &session["sessions"][0]["id"];
    assert_eq!(run_edit(&app, "cancelSession", session.clone(), json!({})).await.problem(), NOT_EDITABLE);
}

#[apply(on_each_database)]
async fn a_corrected_session_date_reopens_a_completed_workshop(app: TestApp) {
    let there = app.given(a_workshop().sessions([TimeDelta::days(7)])).await;
    app.register(&there, "ann").await.registration();
    let status = format!(r#"{{ workshop(id: "{}") {{ status sessions {{ id }} }} }}"#, there.id);
    let session = app.query(&status).await["sessions"][0]["id"].clone();
    let wrong = json!({ "startsAt": "2026-04-01T09:00:00Z", "endsAt": "2026-04-01T10:00:00Z" });
    run_edit(&app, "updateSession", session.clone(), wrong).await.field();
    assert_eq!(app.query(&status).await["status"], "COMPLETED");
    let right = json!({ "startsAt": "2027-04-01T09:00:00Z", "endsAt": "2027-04-01T10:00:00Z" });
    run_edit(&app, "updateSession", session, right).await.field();
    assert_eq!(app.query(&status).await["status"], "PUBLISHED");
    assert_consistent(&app).await;
}

#[apply(on_each_database)]
async fn an_edit_that_adds_no_seat_promotes_no_guest(app: TestApp) {
    let there = app.given(a_workshop().capacity(10)).await;
    let ann = app.waitlist(&there, "ann").await.registration().clone();
    let fewer = run_edit(&app, "updateWorkshop", there.id.as_str(), json!({ "capacity": 9 })).await;
    assert_eq!(fewer.field()["promoted"], json!([]));
    let more = run_edit(&app, "updateWorkshop", there.id.as_str(), json!({ "capacity": 10 })).await;
    assert_eq!(more.field()["promoted"][0]["id"], ann["id"]);
}
