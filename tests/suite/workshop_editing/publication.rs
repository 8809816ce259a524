//! The publication of a draft.

use macro_rules_attribute::apply;
use serde_json::{Value, json};
use tests::{TestApp, Workshop, on_each_database};

use super::{NO_WORKSHOP, NOT_PUBLISHABLE, assert_consistent, draft, run_edit};

#[apply(on_each_database)]
async fn guests_can_register_after_a_workshop_is_published(app: TestApp) {
    let draft = draft(&app).await;
    let there = Workshop {
        id: draft["id"].as_str().unwrap().to_owned(),
        center: draft["centers"][0]["id"].as_str().unwrap().to_owned(),
        tracks: vec![i32::try_from(draft["tracks"][0]["trackId"].as_i64().unwrap()).unwrap()],
    };
    assert_eq!(app.register(&there, "ann").await.problem(), NO_WORKSHOP);
    let published = run_edit(&app, "publishWorkshop", there.id.as_str(), json!({})).await;
    assert_eq!((&published.field()["status"], &published.field()["version"]), (&json!("PUBLISHED"), &json!(2)));
    let again = run_edit(&app, "publishWorkshop", there.id.as_str(), json!({})).await;
    assert_eq!(again.field(), published.field(), "publishing twice is a no-op");
    app.register(&there, "ann").await.registration();
    assert_consistent(&app).await;
}

#[apply(on_each_database)]
async fn a_workshop_needs_a_track_and_a_center_to_be_published(app: TestApp) {
    let bare = run_edit(&app, "createWorkshop", Value::Null, json!({ "title": "Clay" })).await.field()["id"].clone();
    let publish = async || run_edit(&app, "publishWorkshop", bare.clone(), json!({})).await;
    assert_eq!(publish().await.problem(), NOT_PUBLISHABLE);
    assert_eq!(publish().await.field()["missing"], json!(["TRACK", "CENTER"]));
    run_edit(&app, "addTrack", bare.clone(), json!({ "name": "Wheel" })).await.field();
    assert_eq!(publish().await.field()["missing"], json!(["CENTER"]));
    let center = app.center("A center").await.to_string();
    run_edit(&app, "updateWorkshop", bare.clone(), json!({ "centerIds": [center] })).await.field();
    assert_eq!(publish().await.field()["status"], "PUBLISHED");
    for nothing in ["wks_01kdvdna00e008000004000000", "wks_", ""] {
        assert_eq!(run_edit(&app, "publishWorkshop", nothing, json!({})).await.problem(), NO_WORKSHOP);
    }
}
