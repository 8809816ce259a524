//! The documented rows: each one has the same code, message and effect in REST and in GraphQL.

use axum::http::Method;
use chrono::TimeDelta;
use domain::{CenterId, GuestId, Stage};
use macro_rules_attribute::apply;
use serde_json::{Value, json};
use tests::{Answer, TestApp, Workshop, a_workshop, now, on_each_database};
use uuid::Uuid;

use super::{registrations, rest_body};

/// The action that a row requests.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Action {
    /// Register for a seat.
    Register,
    /// Join the waitlist.
    Waitlist,
    SignIn,
    UndoSignIn,
    Cancel,
}
use Action::{Cancel, Register, SignIn, UndoSignIn, Waitlist};

/// The state of the database before the action.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Precondition {
    Open,
    NothingPassed,
    BlankGuest,
    NoSuchWorkshop,
    Draft,
    NoSuchGuest,
    NoSuchCenter,
    CenterOfAnother,
    TrackOfAnother,
    Enrolled,
    Waiting,
    NotOpenYet,
    Completed,
    WorkshopCancelled,
    WaitlistDisabled,
    WaitlistFull,
    Full,
    TrackFull,
    NoSuchRegistration,
    OnlyRegistered,
    /// The guest is registered and another guest is waitlisted.
    WithWaitlist,
    SignedIn,
    NoShow,
    Cancelled,
    Closed,
}
use Precondition::*;

/// The rows that exist before the action, and the input of a registration.
struct Scenario {
    workshop: Workshop,
    input: Value,
    registration: Value,
}

type Expected = Result<i16, (i64, &'static str)>;

const MISSING: Expected =
    Err((1004, "SessionId/Workshop Details/user id/ center id were not passed. Please check the input params."));
const WORKSHOP: Expected = Err((1001, "Workshop is invalid"));
const TRACK: Expected = Err((502, "The track passed is not associated with the passed workshop"));
const CENTER: Expected = Err((502, "Invalid center_id."));
const ALREADY_REGISTERED: Expected = Err((1010, "Guest is already enrolled to the workshop or is on the waiting list"));
const NOT_OPEN: Expected = Err((1009, "Workshop is not open for registrations, cannot register to class"));
const WAITLIST_NOT_OPEN: Expected = Err((1009, "Workshop is not open for registrations, cannot add guest to waitlist"));
const FULL: Expected = Err((1011, "Workshop capacity exceeded, cannot register to Workshop"));
const ID_INVALID: Expected = Err((1004, "The Registration Id passed is not valid"));
const WAITLISTED: Expected = Err((1004, "User is waitlisted in the class and cannot sign in"));
const CANCELLED: Expected = Err((1004, "The registration is canceled"));
const CLOSED: Expected = Err((1004, "The user status is closed"));
const INVOICE: Expected = Err((
    1035,
    "Something went wrong. Message: The invoice for the registration is closed. Please reopen the invoice and try again.",
));

/// The action, the precondition, the expected result, and the number of new journal entries.
const TABLE: &[(Action, Precondition, Expected, i64)] = &[
    (Register, Open, Ok(0), 1),
    (Waitlist, Open, Ok(4), 1),
    (Register, NothingPassed, MISSING, 0),
    (Register, BlankGuest, MISSING, 0),
    (Register, NoSuchWorkshop, WORKSHOP, 0),
    (Register, Draft, WORKSHOP, 0),
    (Register, NoSuchGuest, Err((502, "Invalid guest_id.")), 0),
    (Register, NoSuchCenter, CENTER, 0),
    (Register, CenterOfAnother, CENTER, 0),
    (Register, TrackOfAnother, TRACK, 0),
    (Register, Enrolled, ALREADY_REGISTERED, 0),
    (Waitlist, Enrolled, ALREADY_REGISTERED, 0),
    (Register, Waiting, ALREADY_REGISTERED, 0),
    (Waitlist, Waiting, ALREADY_REGISTERED, 0),
    (Waitlist, NotOpenYet, WAITLIST_NOT_OPEN, 0),
    (Waitlist, Completed, WAITLIST_NOT_OPEN, 0),
    (Waitlist, WorkshopCancelled, WAITLIST_NOT_OPEN, 0),
    (Waitlist, WaitlistDisabled, WAITLIST_NOT_OPEN, 0),
    (Waitlist, WaitlistFull, WAITLIST_NOT_OPEN, 0),
    (Register, NotOpenYet, NOT_OPEN, 0),
    (Register, Completed, NOT_OPEN, 0),
    (Register, WorkshopCancelled, NOT_OPEN, 0),
    (Register, Full, FULL, 0),
    (Waitlist, Full, Ok(4), 1),
    (Register, TrackFull, FULL, 0),
    (SignIn, OnlyRegistered, Ok(3), 1),
    (SignIn, SignedIn, Ok(3), 0),
    (SignIn, NoShow, Ok(3), 1),
    (SignIn, NoSuchRegistration, ID_INVALID, 0),
    (SignIn, Cancelled, CANCELLED, 0),
    (SignIn, Waiting, WAITLISTED, 0),
    (SignIn, Closed, CLOSED, 0),
    (UndoSignIn, SignedIn, Ok(0), 1),
    (UndoSignIn, OnlyRegistered, Err((2003, "The guest is not signed in")), 0),
    (UndoSignIn, NoSuchRegistration, ID_INVALID, 0),
    (UndoSignIn, Cancelled, CANCELLED, 0),
    (UndoSignIn, Waiting, WAITLISTED, 0),
    (UndoSignIn, Closed, CLOSED, 0),
    (Cancel, OnlyRegistered, Ok(1), 1),
    (Cancel, WithWaitlist, Ok(1), 2),
    (Cancel, Waiting, Ok(1), 1),
    (Cancel, Cancelled, Ok(1), 0),
    (Cancel, NoSuchRegistration, Err((1004, "Invalid registration")), 0),
    (Cancel, Closed, INVOICE, 0),
    (Cancel, SignedIn, Err((2001, "The guest is signed in")), 0),
    (Cancel, NoShow, Err((2002, "The guest was marked as a no-show")), 0),
];

#[apply(on_each_database)]
async fn each_documented_row_is_the_same_in_rest_and_graphql(app: TestApp) {
    for (row, &(action, precondition, expected, entries)) in TABLE.iter().enumerate() {
        let description = format!("{action:?} where {precondition:?}");
        let scenario = set_up(&app, precondition, &format!("rest {row}")).await;
        let before = database_state(&app).await;
        let answer = by_rest(&app, action, &scenario).await;
        let rest = (rest_outcome(&answer), database_state(&app).await - before);

        let scenario = set_up(&app, precondition, &format!("graphql {row}")).await;
        let before = database_state(&app).await;
        let answer = by_graphql(&app, action, &scenario).await;
        let graphql = (graphql_outcome(&answer), database_state(&app).await - before);

        assert_eq!(rest, graphql, "{description}");
        let owned = expected.map(i64::from).map_err(|(code, sentence)| (code, sentence.to_owned()));
        assert_eq!(rest.0, owned, "{description}");
        let written = (rest.1 + PER_ENTRY / 2).div_euclid(PER_ENTRY);
        assert_eq!(written, entries, "{description}: entries in the journal");
        assert_eq!(entries == 0, rest.1 == 0, "{description}: where nothing is written down nothing is changed");
    }
}

/// The amount by which one journal entry increases [`database_state`].
const PER_ENTRY: i64 = 10_000_000_000_000_000;

/// Summarizes the journal, the statuses of registrations and the counters as one number. It is one statement because
/// each statement opens its own connection.
async fn database_state(app: &TestApp) -> i64 {
    let statement = format!(
        "SELECT CAST({PER_ENTRY} * (SELECT COUNT(*) FROM journal)
            + 1000000000 * (SELECT COALESCE(SUM(10000 * kind * kind + 100 * COALESCE(status_before, 9) + status_after), 0)
                FROM journal)
            + 10000 * (SELECT COALESCE(SUM(1 + 10 * status + 100 * status * status), 0) FROM registrations)
            + (SELECT COALESCE(SUM(1000 * seats_taken + waitlist_length), 0) FROM workshops) AS BIGINT)"
    );
    app.database.number(&statement).await
}

/// Creates the rows for a precondition.
async fn set_up(app: &TestApp, precondition: Precondition, guest: &str) -> Scenario {
    let hour = TimeDelta::hours(1);
    let builder = match precondition {
        Draft => a_workshop().stage(Stage::Draft),
        NotOpenYet => a_workshop().window(Some(hour), None),
        Completed => a_workshop().sessions([-hour * 3]),
        WorkshopCancelled => a_workshop().stage(Stage::Cancelled),
        WaitlistDisabled => a_workshop().no_waitlist(),
        WaitlistFull => a_workshop().waitlist_limit(0),
        TrackFull => a_workshop().track(0),
        Full | WithWaitlist => a_workshop().capacity(1),
        NoShow => a_workshop().sessions([hour]),
        _ => a_workshop(),
    };
    let mut workshop = app.given(builder).await;
    let mut input = app.input(&workshop, guest).await;
    let elsewhere = app.given(a_workshop()).await;
    match precondition {
        NothingPassed => input = json!({}),
        BlankGuest => input["guestId"] = " ".into(),
        NoSuchWorkshop => "wks_nowhere".clone_into(&mut workshop.id),
        NoSuchGuest => input["guestId"] = GuestId::from_uuid(Uuid::now_v7()).to_string().into(),
        NoSuchCenter => input["centerId"] = CenterId::from_uuid(Uuid::now_v7()).to_string().into(),
        CenterOfAnother => input["centerId"] = elsewhere.center.into(),
        TrackOfAnother => input["trackId"] = elsewhere.tracks[0].into(),
        TrackFull => input["trackId"] = workshop.tracks[1].into(),
        Full => {
            app.register(&workshop, "another guest").await.registration();
        }
        _ => {}
    }
    let registration = match precondition {
        Enrolled | OnlyRegistered | WithWaitlist | SignedIn | NoShow | Cancelled | Closed => {
            app.register(&workshop, guest).await.registration().clone()
        }
        Waiting => app.waitlist(&workshop, guest).await.registration().clone(),
        _ => json!({ "id": "reg_01kdvdna00e00800000m000000" }),
    };
    match precondition {
        WithWaitlist => {
            app.waitlist(&workshop, "another guest").await.registration();
        }
        SignedIn | Closed => {
            app.on(&registration, "checkInGuest", "").await.registration();
        }
        NoShow => {
            app.set_time(now() + hour);
            app.on(&registration, "markNoShow", "").await.registration();
            app.set_time(now());
        }
        Cancelled => {
            app.cancel(&registration).await.field();
        }
        _ => {}
    }
    if precondition == Closed {
        app.database.execute("UPDATE registrations SET status = 7 WHERE status = 3").await.unwrap();
    }
    Scenario { workshop, input, registration }
}

async fn by_rest(app: &TestApp, action: Action, scenario: &Scenario) -> Answer {
    let path = registrations(&scenario.workshop.id);
    let name = match action {
        Register | Waitlist => {
            let mut body = rest_body(&scenario.input);
            body["waitlist"] = (action == Waitlist).into();
            return app.call(Method::POST, &path, Some(&body)).await;
        }
        SignIn => "sign_in",
        UndoSignIn => "undo_sign_in",
        Cancel => "cancel",
    };
    let path = format!("{path}/{}/{name}", scenario.registration["id"].as_str().unwrap());
    app.call(Method::PUT, &path, None).await
}

async fn by_graphql(app: &TestApp, action: Action, scenario: &Scenario) -> Answer {
    let mutation = match action {
        Register | Waitlist => {
            let mut input = scenario.input.clone();
            input["waitlist"] = (action == Waitlist).into();
            return app.register_with(&scenario.workshop, &input).await;
        }
        SignIn => "checkInGuest",
        UndoSignIn => "undoCheckIn",
        Cancel => "cancelRegistration",
    };
    app.on(&scenario.registration, mutation, "").await
}

/// The number of the status, or the code and the message of the problem.
type Outcome = Result<i64, (i64, String)>;

fn rest_outcome(answer: &Answer) -> Outcome {
    if answer.status == 200 {
        return Ok(answer.expect_data("registrations")["status"].as_i64().unwrap());
    }
    let (status, code, sentence) = answer.expect_error("registrations");
    assert_eq!(status, 400);
    Err((code, sentence.to_owned()))
}

fn graphql_outcome(answer: &Answer) -> Outcome {
    let field = answer.field();
    if field.get("code").is_some() {
        let (_, code, sentence) = answer.problem();
        return Err((code, sentence.to_owned()));
    }
    let registration = field.get("registration").unwrap_or(field);
    let states = ["REGISTERED", "CANCELLED", "NO_SHOW", "SIGNED_IN", "WAITLISTED"];
    let status = registration["status"].as_str().unwrap();
    Ok(i64::try_from(states.iter().position(|state| *state == status).unwrap()).unwrap())
}
