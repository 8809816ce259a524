//! The lifecycle of a registration, with every documented refusal.

use chrono::TimeDelta;
use macro_rules_attribute::apply;
use serde_json::{Value, json};
use tests::{TestApp, a_workshop, now, on_each_database};

const NOT_VALID: (&str, i64, &str) = ("RegistrationIdInvalid", 1004, "The Registration Id passed is not valid");
const CANCELLED: (&str, i64, &str) = ("RegistrationCancelled", 1004, "The registration is canceled");
const WAITLISTED: (&str, i64, &str) = ("GuestWaitlisted", 1004, "User is waitlisted in the class and cannot sign in");
const CLOSED: (&str, i64, &str) = ("RegistrationClosed", 1004, "The user status is closed");
const INVOICE: (&str, i64, &str) = (
    "InvoiceClosed",
    1035,
    "Something went wrong. Message: The invoice for the registration is closed. Please reopen the invoice and try again.",
);

#[apply(on_each_database)]
async fn a_guest_is_checked_in_undone_and_marked_as_a_no_show(app: TestApp) {
    let workshop = app.given(a_workshop().sessions([TimeDelta::hours(1)])).await;
    let ann = app.register(&workshop, "ann").await.registration().clone();
    let signed_in = app.on(&ann, "checkInGuest", "").await;
    assert_eq!(signed_in.registration()["status"], "SIGNED_IN");
    assert_eq!(signed_in.registration()["checkedInAt"], "2027-03-01T12:00:00Z");
    assert_eq!(
        app.on(&ann, "checkInGuest", "").await.registration(),
        signed_in.registration(),
        "a second check-in is a no-op"
    );
    let undone = app.on(&ann, "undoCheckIn", "").await;
    assert_eq!(
        (&undone.registration()["status"], &undone.registration()["checkedInAt"]),
        (&json!("REGISTERED"), &Value::Null)
    );

    let early = app.on(&ann, "markNoShow", "").await;
    assert_eq!(early.problem(), ("WorkshopNotStarted", 2004, "The workshop has not started"));
    app.set_time(now() + TimeDelta::hours(1));
    for _ in 0..2 {
        assert_eq!(app.on(&ann, "markNoShow", "").await.registration()["status"], "NO_SHOW");
    }
    let late_after_all = app.on(&ann, "checkInGuest", "").await;
    assert_eq!(late_after_all.registration()["status"], "SIGNED_IN");
    assert_eq!(late_after_all.registration()["workshop"]["seatsTaken"], 1, "the guest kept the seat");
    let kinds = "SELECT COUNT(DISTINCT kind) FROM journal WHERE kind IN (0, 3, 8, 4)";
    assert_eq!(app.database.number(kinds).await, 4);
    assert_eq!(app.database.number("SELECT COUNT(*) FROM journal").await, 5);
}

#[apply(on_each_database)]
async fn a_guest_can_register_again_after_cancelling(app: TestApp) {
    let workshop = app.given(a_workshop().capacity(1)).await;
    let first = app.register(&workshop, "ann").await.registration().clone();
    let cancelled = app.on(&first, "cancelRegistration", r#", input: { reason: "ill" }"#).await;
    let expected = json!({ "id": first["id"], "status": "CANCELLED", "cancelledAt": "2027-03-01T12:00:00Z", "cancelReason": "ill" });
    assert_eq!(cancelled.field()["registration"], expected);
    assert_eq!(cancelled.field()["workshop"], json!({ "seatsTaken": 0, "waitlistLength": 0 }));
    let again = app.cancel(&first).await;
    assert_eq!(again.field()["registration"], expected, "cancelling twice is a no-op");
    assert_eq!(app.database.number("SELECT COUNT(*) FROM journal").await, 2);
    let second = app.register(&workshop, "ann").await;
    assert_ne!(second.registration()["id"], first["id"]);
}

#[apply(on_each_database)]
async fn every_status_refuses_the_transitions_it_does_not_allow(app: TestApp) {
    let workshop = app.given(a_workshop().window(None, None).sessions([TimeDelta::hours(1)])).await;
    let ann = app.register(&workshop, "ann").await.registration().clone();
    let waiting = app.waitlist(&workshop, "bob").await.registration().clone();
    for mutation in ["checkInGuest", "undoCheckIn", "markNoShow"] {
        assert_eq!(app.on(&waiting, mutation, "").await.problem(), WAITLISTED, "{mutation}");
    }
    assert_eq!(
        app.on(&ann, "undoCheckIn", "").await.problem(),
        ("GuestNotSignedIn", 2003, "The guest is not signed in")
    );
    let not_waiting = ("GuestNotWaitlisted", 2005, "The guest is not on the waiting list");
    assert_eq!(app.on(&ann, "promoteFromWaitlist", "").await.problem(), not_waiting);

    app.on(&ann, "checkInGuest", "").await.registration();
    let signed_in = ("GuestSignedIn", 2001, "The guest is signed in");
    assert_eq!(app.cancel(&ann).await.problem(), signed_in);
    app.set_time(now() + TimeDelta::hours(1));
    assert_eq!(app.on(&ann, "markNoShow", "").await.problem(), signed_in);
    assert_eq!(
        app.on(&waiting, "promoteFromWaitlist", "").await.problem(),
        ("WorkshopStarted", 2006, "The workshop has started")
    );
    app.on(&ann, "undoCheckIn", "").await.registration();
    app.on(&ann, "markNoShow", "").await.registration();
    assert_eq!(app.cancel(&ann).await.problem(), ("GuestMarkedNoShow", 2002, "The guest was marked as a no-show"));
    assert_eq!(app.on(&ann, "undoCheckIn", "").await.problem().0, "GuestNotSignedIn");

    app.cancel(&waiting).await.promoted();
    for mutation in ["checkInGuest", "undoCheckIn", "markNoShow"] {
        assert_eq!(app.on(&waiting, mutation, "").await.problem(), CANCELLED, "{mutation}");
    }
    let to = format!(", trackId: {}", workshop.tracks[0]);
    assert_eq!(app.on(&waiting, "changeTrack", &to).await.problem(), CANCELLED);
    app.database.execute("UPDATE registrations SET status = 7 WHERE status = 2").await.unwrap();
    for mutation in ["checkInGuest", "undoCheckIn", "markNoShow"] {
        assert_eq!(app.on(&ann, mutation, "").await.problem(), CLOSED, "{mutation}");
    }
    assert_eq!(app.on(&ann, "changeTrack", &to).await.problem(), CLOSED);
    assert_eq!(app.cancel(&ann).await.problem(), INVOICE);
}

#[apply(on_each_database)]
async fn an_unknown_registration_id_returns_the_documented_problem(app: TestApp) {
    let workshop = app.given(a_workshop()).await;
    let to = format!(", trackId: {}", workshop.tracks[0]);
    for id in ["reg_01kdvdna00e008000004000000", "reg_", "", &workshop.id, "\u{0}"] {
        let nothing = json!({ "id": id });
        assert_eq!(
            app.cancel(&nothing).await.problem(),
            ("RegistrationInvalid", 1004, "Invalid registration"),
            "{id:?}"
        );
        for mutation in ["checkInGuest", "undoCheckIn", "markNoShow", "promoteFromWaitlist"] {
            assert_eq!(app.on(&nothing, mutation, "").await.problem(), NOT_VALID, "{mutation} {id:?}");
        }
        assert_eq!(app.on(&nothing, "changeTrack", &to).await.problem(), NOT_VALID, "{id:?}");
    }
}

#[apply(on_each_database)]
async fn a_cancellation_reason_has_at_most_500_characters(app: TestApp) {
    let workshop = app.given(a_workshop()).await;
    let ann = app.register(&workshop, "ann").await.registration().clone();
    let longest = format!(r#", input: {{ reason: "{}" }}"#, "é".repeat(500));
    let longer = format!(r#", input: {{ reason: "{}" }}"#, "é".repeat(501));
    assert_eq!(app.on(&ann, "cancelRegistration", &longer).await.problem().0, "InputInvalid");
    assert_eq!(app.on(&ann, "cancelRegistration", &longest).await.field()["registration"]["status"], "CANCELLED");
}

#[apply(on_each_database)]
async fn an_idempotency_key_makes_every_transition_safe_to_retry(app: TestApp) {
    let workshop = app.given(a_workshop().capacity(1)).await;
    let ann = app.register(&workshop, "ann").await.registration().clone();
    let bob = app.waitlist(&workshop, "bob").await.registration().clone();
    let key = r#", idempotencyKey: "in""#;
    app.on(&ann, "checkInGuest", key).await.registration();
    app.on(&ann, "undoCheckIn", r#", idempotencyKey: "undo""#).await.registration();
    app.on(&ann, "undoCheckIn", r#", idempotencyKey: "undo""#).await.registration();
    assert_eq!(app.on(&ann, "undoCheckIn", key).await.problem().0, "IdempotencyKeyReused");

    let cancel = r#", input: { idempotencyKey: "out" }"#;
    let first = app.on(&ann, "cancelRegistration", cancel).await;
    assert_eq!(first.promoted(), [bob["id"].clone()]);
    let again = app.on(&ann, "cancelRegistration", cancel).await;
    assert_eq!(again.field(), first.field(), "a retry returns the promoted guest again");
}
