//! Sessions are added, updated and cancelled, and determine the times of tracks and workshops.

use chrono::TimeDelta;
use macro_rules_attribute::apply;
use serde_json::{Value, json};
use tests::{TestApp, a_workshop, now, on_each_database};

use super::{INVALID, NO_CENTER, NO_SESSION, NO_TRACK, TIMES, assert_consistent, draft, run_edit};

fn session(center: &Value, day: u32) -> Value {
    json!({ "title": "Day", "startsAt": format!("2027-04-0{day}T09:00:00Z"),
            "endsAt": format!("2027-04-0{day}T12:00:00Z"), "centerId": center, "room": "3" })
}

#[apply(on_each_database)]
async fn sessions_determine_when_tracks_and_workshops_start_and_end(app: TestApp) {
    let draft = draft(&app).await;
    let (track, center) = (&draft["tracks"][0]["trackId"], &draft["centers"][0]["id"]);
    run_edit(&app, "addSession", track.clone(), session(center, 2)).await.field();
    let first = run_edit(&app, "addSession", track.clone(), session(center, 1)).await.field().clone();
    let times = |first: &str, last: &str| json!({ "startsAt": first, "endsAt": last });
    let both = times("2027-04-01T09:00:00Z", "2027-04-02T12:00:00Z");
    let times_of = |session: &Value| {
        let (track, workshop) = (&session["track"], &session["workshop"]["workshop"]);
        assert_eq!(track["startsAt"], workshop["startsAt"]);
        assert_eq!(track["endsAt"], workshop["endsAt"]);
        json!({ "startsAt": track["startsAt"], "endsAt": track["endsAt"] })
    };
    assert_eq!(times_of(&first), both);
    assert_eq!(first["workshop"]["workshop"]["version"], 3);
    assert_eq!(
        (&first["room"], &first["instructor"], &first["status"]),
        (&json!("3"), &Value::Null, &json!("UPCOMING"))
    );

    let change = json!({ "endsAt": "2027-04-03T09:00:00Z", "room": null, "instructor": "Rita" });
    let changed = run_edit(&app, "updateSession", first["id"].clone(), change.clone()).await.field()["session"].clone();
    assert_eq!(times_of(&changed), times("2027-04-01T09:00:00Z", "2027-04-03T09:00:00Z"));
    assert_eq!(
        (&changed["title"], &changed["room"], &changed["instructor"]),
        (&json!("Day"), &Value::Null, &json!("Rita"))
    );
    let same = run_edit(&app, "updateSession", first["id"].clone(), change).await;
    assert_eq!(same.field()["session"], changed, "an edit without a change keeps the version");
    assert_consistent(&app).await;

    let cancelled = run_edit(&app, "cancelSession", first["id"].clone(), json!({})).await.field()["session"].clone();
    assert_eq!(cancelled["status"], "CANCELLED");
    assert_eq!(times_of(&cancelled), times("2027-04-02T09:00:00Z", "2027-04-02T12:00:00Z"));
    let again = run_edit(&app, "cancelSession", first["id"].clone(), json!({})).await;
    assert_eq!(again.field()["session"], cancelled, "cancelling twice is a no-op");
    assert_eq!(run_edit(&app, "updateSession", first["id"].clone(), json!({})).await.problem(), NO_SESSION);
    assert_consistent(&app).await;
}

#[apply(on_each_database)]
async fn invalid_sessions_are_refused(app: TestApp) {
    let draft = draft(&app).await;
    let (track, center) = (&draft["tracks"][0]["trackId"], &draft["centers"][0]["id"]);
    let nothing = run_edit(&app, "addSession", track.clone(), json!({ "room": " " })).await;
    assert_eq!(nothing.problem(), INVALID);
    let fields = nothing.field()["fields"].as_array().unwrap().iter().map(|wrong| wrong["field"].as_str().unwrap());
    assert_eq!(fields.collect::<Vec<_>>(), ["title", "startsAt", "endsAt", "centerId", "room"]);
    let other = json!(app.center("Other").await.to_string());
    assert_eq!(run_edit(&app, "addSession", track.clone(), session(&other, 1)).await.problem(), NO_CENTER);
    assert_eq!(run_edit(&app, "addSession", track.clone(), session(&json!("ctr_"), 1)).await.problem(), NO_CENTER);
    assert_eq!(run_edit(&app, "addSession", 0, session(center, 1)).await.problem(), NO_TRACK);
    let mut backwards = session(center, 1);
    backwards["endsAt"] = backwards["startsAt"].clone();
    assert_eq!(run_edit(&app, "addSession", track.clone(), backwards).await.problem(), TIMES);

    let there = run_edit(&app, "addSession", track.clone(), session(center, 1)).await.field()["id"].clone();
    let edit = async |input: Value| run_edit(&app, "updateSession", there.clone(), input).await;
    assert_eq!(edit(json!({ "title": "\n" })).await.problem(), INVALID);
    assert_eq!(edit(json!({ "centerId": other })).await.problem(), NO_CENTER);
    assert_eq!(edit(json!({ "startsAt": "2027-04-01T12:00:00Z" })).await.problem(), TIMES);
    for nothing in ["ses_01kdvdna00e008000004000000", "ses_", "", "\u{0}"] {
        assert_eq!(run_edit(&app, "updateSession", nothing, json!({})).await.problem(), NO_SESSION, "{nothing:?}");
        assert_eq!(run_edit(&app, "cancelSession", nothing, json!({})).await.problem(), NO_SESSION, "{nothing:?}");
    }
    assert_consistent(&app).await;
}

#[apply(on_each_database)]
async fn free_seats_go_to_the_waitlist_when_a_started_workshop_is_postponed(app: TestApp) {
    let hour = TimeDelta::hours;
    let later = now() + hour(5);
    for edit in ["updateSession", "cancelSession", "removeTrack"] {
        app.set_time(now());
        let there = app.given(a_workshop().capacity(1).window(None, Some(hour(9))).sessions([hour(8)]).track(1)).await;
        let id = json!({ "id": there.id });
        let early = json!({ "title": "Early", "centerId": there.center, "startsAt": now() + hour(1), "endsAt": now() + hour(7) });
        let early = run_edit(&app, "addSession", there.tracks[1], early).await.field()["id"].clone();
        let ann = app.register(&there, "ann").await.registration().clone();
        let bob = app.waitlist(&there, "bob").await.registration().clone();
        app.set_time(now() + hour(2));
        assert_eq!(app.cancel(&ann).await.promoted(), [json!(null); 0], "the workshop has started");
        let (subject, change) = match edit {
            "updateSession" => (early, json!({ "startsAt": later })),
            "cancelSession" => (early, json!({})),
            _ => (json!(there.tracks[1]), json!({})),
        };
        let answer = run_edit(&app, edit, subject, change).await;
        assert_eq!(answer.field()["promoted"], json!([{ "id": bob["id"] }]), "{edit}: {:#}", answer.field());
        let seats = app.graphql("query ($id: ID!) { workshop(id: $id) { seatsTaken waitlistLength } }", &id).await;
        assert_eq!(seats.field(), &json!({ "seatsTaken": 1, "waitlistLength": 0 }));
    }
    assert_consistent(&app).await;
}
