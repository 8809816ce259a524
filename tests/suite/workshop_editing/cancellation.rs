//! The cancellation of a workshop.

use chrono::TimeDelta;
use macro_rules_attribute::apply;
use serde_json::{Value, json};
use tests::{TestApp, a_workshop, now, on_each_database};

use super::{INVALID, NO_WORKSHOP, assert_consistent, draft, run_edit};

#[apply(on_each_database)]
async fn cancelling_a_workshop_releases_registered_and_waitlisted_guests(app: TestApp) {
    let there = app.given(a_workshop().capacity(4).window(None, None).sessions([TimeDelta::hours(1)])).await;
    let mut seated = Vec::new();
    for guest in ["ann", "bob", "cem", "dan"] {
        seated.push(app.register(&there, guest).await.registration().clone());
    }
    let waiting = app.waitlist(&there, "eve").await.registration().clone();
    app.on(&seated[2], "checkInGuest", "").await.registration();
    app.set_time(now() + TimeDelta::minutes(90));
    app.on(&seated[3], "markNoShow", "").await.registration();

    let cancelled = run_edit(&app, "cancelWorkshop", there.id.as_str(), json!({ "reason": "The kiln broke." })).await;
    assert_eq!(cancelled.field()["released"], 3);
    let workshop = &cancelled.field()["workshop"];
    assert_eq!((&workshop["status"], &workshop["version"]), (&json!("CANCELLED"), &json!(2)));
    assert_eq!((&workshop["seatsTaken"], &workshop["waitlistLength"]), (&json!(2), &json!(0)));
    let read = async |registration: &Value| {
        let query = format!(
            "{{ registration(id: {}) {{ status waitlistPosition cancelledAt cancelReason }} }}",
            registration["id"]
        );
        app.query(&query).await
    };
    let released = json!({ "status": "WORKSHOP_CANCELLED", "waitlistPosition": null,
                           "cancelledAt": "2027-03-01T13:30:00Z", "cancelReason": "The kiln broke." });
    for registration in [&seated[0], &seated[1], &waiting] {
        assert_eq!(read(registration).await, released);
    }
    assert_eq!(read(&seated[2]).await["status"], "SIGNED_IN");
    assert_eq!(read(&seated[3]).await["status"], "NO_SHOW");
    assert_eq!(app.database.number("SELECT COUNT(*) FROM journal WHERE kind = 6").await, 3);
    assert_eq!(app.database.number("SELECT COUNT(*) FROM journal WHERE kind = 2").await, 0);
    assert_consistent(&app).await;

    let again = run_edit(&app, "cancelWorkshop", there.id.as_str(), json!({})).await;
    assert_eq!((&again.field()["released"], &again.field()["workshop"]["version"]), (&json!(0), &json!(2)));
    assert_eq!(app.register(&there, "fay").await.problem().0, "RegistrationNotOpen");

    // Undoing a check-in after the cancellation releases the guest, too.
    let undone = app.on(&seated[2], "undoCheckIn", "").await;
    assert_eq!(undone.registration()["status"], "WORKSHOP_CANCELLED");
    assert_consistent(&app).await;
}

#[apply(on_each_database)]
async fn a_draft_can_be_cancelled_and_an_unknown_workshop_cannot(app: TestApp) {
    let draft = draft(&app).await;
    let cancelled = run_edit(&app, "cancelWorkshop", draft["id"].clone(), Value::Null).await;
    assert_eq!(cancelled.field()["workshop"]["status"], "CANCELLED");
    for nothing in ["wks_01kdvdna00e008000004000000", "wks_", ""] {
        assert_eq!(run_edit(&app, "cancelWorkshop", nothing, Value::Null).await.problem(), NO_WORKSHOP);
    }
    let long = json!({ "reason": "x".repeat(501) });
    assert_eq!(run_edit(&app, "cancelWorkshop", draft["id"].clone(), long).await.problem(), INVALID);
}
