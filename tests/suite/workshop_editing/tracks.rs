//! Tracks are added, updated and removed.

use macro_rules_attribute::apply;
use serde_json::json;
use tests::{TestApp, a_workshop, on_each_database};

use super::{BELOW_TAKEN, INVALID, NO_TRACK, NO_WORKSHOP, NOT_PUBLISHABLE, assert_consistent, draft, run_edit};

#[apply(on_each_database)]
async fn a_track_is_added_updated_and_removed(app: TestApp) {
    let draft = draft(&app).await;
    let added = run_edit(&app, "addTrack", draft["id"].clone(), json!({ "name": " Wheel ", "capacity": 4 })).await;
    let track = added.field();
    assert_eq!((&track["name"], &track["capacity"]), (&json!("Wheel"), &json!(4)));
    assert_eq!(track["workshop"], json!({ "id": draft["id"], "version": 2 }));
    let renamed = run_edit(&app, "updateTrack", track["trackId"].clone(), json!({ "name": "Hand" })).await;
    assert_eq!(renamed.field()["track"]["capacity"], 4, "an omitted field stays");
    assert_eq!(renamed.field()["track"]["workshop"]["version"], 3);
    let same = run_edit(&app, "updateTrack", track["trackId"].clone(), json!({ "name": "Hand", "capacity": 4 })).await;
    assert_eq!(same.field(), renamed.field(), "an edit without a change keeps the version");

    let session = json!({ "title": "Day", "startsAt": "2027-04-01T09:00:00Z", "endsAt": "2027-04-01T10:00:00Z",
                          "centerId": draft["centers"][0]["id"] });
    run_edit(&app, "addSession", track["trackId"].clone(), session).await.field();
    let removed = run_edit(&app, "removeTrack", track["trackId"].clone(), json!({})).await;
    let workshop = &removed.field()["workshop"];
    assert_eq!(workshop["tracks"].as_array().unwrap().len(), 1);
    assert_eq!(
        (&workshop["sessions"], &workshop["startsAt"]),
        (&json!([]), &json!(null)),
        "its sessions are removed, too"
    );
    assert_eq!(workshop["version"], 5);
    assert_eq!(run_edit(&app, "removeTrack", track["trackId"].clone(), json!({})).await.problem(), NO_TRACK);
    assert_consistent(&app).await;
}

#[apply(on_each_database)]
async fn a_track_with_registrations_cannot_be_removed(app: TestApp) {
    let there = app.given(a_workshop().track(2)).await;
    let ann = app.register(&there, "ann").await.registration().clone();
    app.waitlist(&there, "bob").await.registration();
    let taken = run_edit(&app, "removeTrack", there.tracks[0], json!({})).await;
    let sentence = "Guests have registered to the track, so it cannot be removed";
    assert_eq!(taken.problem(), ("TrackHasRegistrations", 2035, sentence));
    assert_eq!(taken.field()["liveRegistrations"], 2);
    app.cancel(&ann).await.promoted();
    assert_eq!(run_edit(&app, "removeTrack", there.tracks[0], json!({})).await.field()["liveRegistrations"], 1);

    run_edit(&app, "removeTrack", there.tracks[1], json!({})).await.field()["workshop"]["tracks"][0]
        .as_object()
        .unwrap();
    let bare = app.given(a_workshop()).await;
    let last = run_edit(&app, "removeTrack", bare.tracks[0], json!({})).await;
    assert_eq!(last.problem(), NOT_PUBLISHABLE);
    assert_eq!(last.field()["missing"], json!(["TRACK"]));
    assert_consistent(&app).await;
}

#[apply(on_each_database)]
async fn invalid_tracks_are_refused(app: TestApp) {
    let there = app.given(a_workshop().capacity(5)).await;
    let unnamed = run_edit(&app, "addTrack", there.id.as_str(), json!({ "capacity": -1 })).await;
    assert_eq!(unnamed.problem(), INVALID);
    let expected = json!([{ "field": "name", "message": "It is required." }, { "field": "capacity", "message": "It must be 0 to 1000000." }]);
    assert_eq!(unnamed.field()["fields"], expected);
    assert_eq!(run_edit(&app, "addTrack", "wks_", json!({ "name": "Wheel" })).await.problem(), NO_WORKSHOP);
    assert_eq!(run_edit(&app, "updateTrack", there.tracks[0], json!({ "name": "" })).await.problem(), INVALID);
    for nothing in [0, -1, i32::MAX] {
        assert_eq!(run_edit(&app, "updateTrack", nothing, json!({})).await.problem(), NO_TRACK);
        assert_eq!(run_edit(&app, "removeTrack", nothing, json!({})).await.problem(), NO_TRACK);
    }
    app.register(&there, "ann").await.registration();
    let below = run_edit(&app, "updateTrack", there.tracks[0], json!({ "capacity": 0 })).await;
    assert_eq!(below.problem(), BELOW_TAKEN);
    assert_eq!((&below.field()["scope"], &below.field()["seatsTaken"]), (&json!("TRACK"), &json!(1)));
}
