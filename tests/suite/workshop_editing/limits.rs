//! The number of tracks, sessions and centers of a workshop is limited, because a response lists all of them.

use macro_rules_attribute::apply;
use serde_json::{Value, json};
use tests::{TestApp, a_workshop, on_each_database};
use uuid::Uuid;

use super::{assert_consistent, draft, run_edit};

const TRACKS: (&str, i64, &str) = ("TooManyTracks", 2015, "The workshop would have too many tracks");
const SESSIONS: (&str, i64, &str) = ("TooManySessions", 2016, "The track would have too many sessions");
const CENTERS: (&str, i64, &str) = ("TooManyCenters", 2017, "The workshop would have too many centers");

/// This many sessions at a center.
fn sessions(number: usize, center: &Value) -> Value {
    let session = json!({ "title": "Day", "startsAt": "2027-04-01T09:00:00Z", "endsAt": "2027-04-01T10:00:00Z",
                          "centerId": center });
    vec![session; number].into()
}

/// This many tracks without sessions.
fn tracks(number: usize) -> Value {
    vec![json!({ "name": "Track" }); number].into()
}

/// This many ids of different centers.
fn unknown_centers(number: usize) -> Value {
    (0..number).map(|_| domain::CenterId::from_uuid(Uuid::now_v7()).to_string()).collect()
}

#[apply(on_each_database)]
async fn a_new_workshop_has_at_most_50_tracks_500_sessions_on_each_and_100_centers(app: TestApp) {
    let center = Value::from(app.center("A center").await.to_string());
    let create = async |input: Value| {
        let mut all = json!({ "title": "Clay", "centerIds": [center] });
        all.as_object_mut().unwrap().extend(input.as_object().unwrap().clone());
        run_edit(&app, "createWorkshop", Value::Null, all).await
    };
    let full = create(json!({ "tracks": tracks(50) })).await;
    assert_eq!(full.field()["tracks"].as_array().map(Vec::len), Some(50), "{:.500}", full.body);
    let full = create(json!({ "tracks": [{ "name": "Track", "sessions": sessions(500, &center) }] })).await;
    assert_eq!(full.field()["sessions"].as_array().map(Vec::len), Some(500), "{:.500}", full.body);
    let again = vec![center.clone(); 101];
    assert_eq!(create(json!({ "centerIds": again })).await.field()["centers"].as_array().map(Vec::len), Some(1));

    let refused = create(json!({ "tracks": tracks(51) })).await;
    assert_eq!((refused.problem(), &refused.field()["limit"]), (TRACKS, &json!(50)));
    let long = json!({ "tracks": [{ "name": "Track", "sessions": sessions(501, &center) }] });
    let refused = create(long).await;
    assert_eq!((refused.problem(), &refused.field()["limit"]), (SESSIONS, &json!(500)));
    let refused = create(json!({ "centerIds": unknown_centers(101) })).await;
    assert_eq!((refused.problem(), &refused.field()["limit"]), (CENTERS, &json!(100)));
    assert_consistent(&app).await;
}

#[apply(on_each_database)]
async fn a_workshop_cannot_get_a_51st_track_a_501st_session_on_a_track_or_a_101st_center(app: TestApp) {
    let workshop = draft(&app).await;
    for _ in 1..50 {
        run_edit(&app, "addTrack", workshop["id"].clone(), json!({ "name": "Track" })).await.field()["trackId"]
            .as_i64()
            .unwrap();
    }
    let one_more = run_edit(&app, "addTrack", workshop["id"].clone(), json!({ "name": "Track" })).await;
    assert_eq!(one_more.problem(), TRACKS);

    let long = app.given(a_workshop().track(1).sessions((1..=500).map(chrono::TimeDelta::days))).await;
    let session = sessions(1, &json!(long.center))[0].clone();
    assert_eq!(run_edit(&app, "addSession", long.tracks[0], session.clone()).await.problem(), SESSIONS);
    let other = run_edit(&app, "addSession", long.tracks[1], session).await;
    assert_eq!(other.field()["title"], "Day", "another track has its own limit");

    let centers = json!({ "centerIds": unknown_centers(101) });
    assert_eq!(run_edit(&app, "updateWorkshop", workshop["id"].clone(), centers).await.problem(), CENTERS);
    assert_consistent(&app).await;
}
