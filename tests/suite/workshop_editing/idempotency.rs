//! An idempotency key makes every edit safe to retry.

use macro_rules_attribute::apply;
use serde_json::{Value, json};
use tests::{TestApp, a_workshop, on_each_database};

use super::{NO_TRACK, assert_consistent, run_edit};

const REUSED: (&str, i64, &str) =
    ("IdempotencyKeyReused", 2000, "The idempotency key was already used with a different input");

#[apply(on_each_database)]
async fn a_retried_edit_is_applied_once(app: TestApp) {
    let center = app.center("A center").await.to_string();
    let twice = async |mutation: &str, id: Value, input: Value| {
        let mut input = input;
        input["idempotencyKey"] = format!("{mutation}-1").into();
        let first = run_edit(&app, mutation, id.clone(), input.clone()).await.field().clone();
        let again = run_edit(&app, mutation, id, input).await;
        assert_eq!(again.field(), &first, "{mutation}");
        assert!(first["code"].is_null(), "{first:#}");
        first
    };
    let create = json!({ "title": "Clay", "centerIds": [center] });
    let workshop = twice("createWorkshop", Value::Null, create).await["id"].clone();
    let track = twice("addTrack", workshop.clone(), json!({ "name": "Wheel" })).await["trackId"].clone();
    twice("updateTrack", track.clone(), json!({ "capacity": 3 })).await;
    let session = json!({ "title": "Day", "startsAt": "2027-04-01T09:00:00Z", "endsAt": "2027-04-01T12:00:00Z",
                          "centerId": center });
    let session = twice("addSession", track.clone(), session).await["id"].clone();
    twice("updateSession", session.clone(), json!({ "title": "Night" })).await;
    twice("publishWorkshop", workshop.clone(), json!({})).await;
    twice("updateWorkshop", workshop.clone(), json!({ "title": "Wood", "expectedVersion": 6 })).await;
    twice("cancelSession", session, json!({})).await;
    let spare =
        run_edit(&app, "addTrack", workshop.clone(), json!({ "name": "Spare" })).await.field()["trackId"].clone();
    twice("removeTrack", spare, json!({})).await;
    let cancelled = twice("cancelWorkshop", workshop.clone(), json!({})).await;
    assert_eq!(cancelled["workshop"]["version"], 11);
    assert_eq!(app.database.number("SELECT COUNT(*) FROM workshops").await, 1);

    let other = json!({ "title": "Other", "idempotencyKey": "createWorkshop-1" });
    assert_eq!(run_edit(&app, "createWorkshop", Value::Null, other).await.problem(), REUSED);
    let other = json!({ "name": "Other", "idempotencyKey": "addTrack-1" });
    assert_eq!(run_edit(&app, "addTrack", workshop, other).await.problem(), REUSED);
    assert_consistent(&app).await;
}

#[apply(on_each_database)]
async fn a_retry_returns_the_same_promoted_and_released_guests(app: TestApp) {
    let there = app.given(a_workshop().capacity(0)).await;
    let ann = app.waitlist(&there, "ann").await.registration()["id"].clone();
    for _ in 0..2 {
        let raise = json!({ "capacity": 1, "idempotencyKey": "raise" });
        assert_eq!(
            run_edit(&app, "updateWorkshop", there.id.as_str(), raise).await.promoted()[..],
            *std::slice::from_ref(&ann)
        );
    }
    for _ in 0..2 {
        let cancel = json!({ "idempotencyKey": "cancel" });
        assert_eq!(run_edit(&app, "cancelWorkshop", there.id.as_str(), cancel).await.field()["released"], 1);
    }
    assert_eq!(app.database.number("SELECT COUNT(*) FROM journal").await, 3);
}

#[apply(on_each_database)]
async fn a_retry_after_the_track_was_removed_returns_track_invalid(app: TestApp) {
    let there = app.given(a_workshop()).await;
    let add = json!({ "name": "Wheel", "idempotencyKey": "one" });
    let track = run_edit(&app, "addTrack", there.id.as_str(), add.clone()).await.field()["trackId"].clone();
    run_edit(&app, "removeTrack", track, json!({})).await.field();
    assert_eq!(run_edit(&app, "addTrack", there.id.as_str(), add).await.problem(), NO_TRACK);
}
