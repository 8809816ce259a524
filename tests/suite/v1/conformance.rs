//! The table of what is documented: each row by the call and by the graph, with the same code, sentence and effect.

use axum::http::Method;
use chrono::TimeDelta;
use domain::{CenterId, GuestId, Stage};
use macro_rules_attribute::apply;
use serde_json::{Value, json};
use tests::{Answer, TestApp, Workshop, a_workshop, now, on_each_database};
use uuid::Uuid;

use super::{registrations, sent};

/// What is asked for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Ask {
    /// A seat.
    Register,
    /// A place in line.
    Waitlist,
    SignIn,
    UndoSignIn,
    Cancel,
}
use Ask::{Cancel, Register, SignIn, UndoSignIn, Waitlist};

/// How things are when it is asked for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Scene {
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
    Over,
    WorkshopCancelled,
    NoLine,
    LineFull,
    Full,
    TrackFull,
    NoSuchRegistration,
    OnlyRegistered,
    /// Registered, and somebody waits.
    WithSomebodyInLine,
    SignedIn,
    NoShow,
    Cancelled,
    Closed,
}
use Scene::*;

/// What there is when it is asked for.
struct Staged {
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
const TWICE: Expected = Err((1010, "Guest is already enrolled to the workshop or is on the waiting list"));
const NOT_OPEN: Expected = Err((1009, "Workshop is not open for registrations, cannot register to class"));
const NO_LINE: Expected = Err((1009, "Workshop is not open for registrations, cannot add guest to waitlist"));
const FULL: Expected = Err((1011, "Workshop capacity exceeded, cannot register to Workshop"));
const NO_ID: Expected = Err((1004, "The Registration Id passed is not valid"));
const IN_LINE: Expected = Err((1004, "User is waitlisted in the class and cannot sign in"));
const CANCELED: Expected = Err((1004, "The registration is canceled"));
const CLOSED: Expected = Err((1004, "The user status is closed"));
const INVOICE: Expected = Err((
    1035,
    "Something went wrong. Message: The invoice for the registration is closed. Please reopen the invoice and try again.",
));

/// What is asked for, how things are, what is answered, and how many entries the journal gets.
const TABLE: &[(Ask, Scene, Expected, i64)] = &[
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
    (Register, Enrolled, TWICE, 0),
    (Waitlist, Enrolled, TWICE, 0),
    (Register, Waiting, TWICE, 0),
    (Waitlist, Waiting, TWICE, 0),
    (Waitlist, NotOpenYet, NO_LINE, 0),
    (Waitlist, Over, NO_LINE, 0),
    (Waitlist, WorkshopCancelled, NO_LINE, 0),
    (Waitlist, NoLine, NO_LINE, 0),
    (Waitlist, LineFull, NO_LINE, 0),
    (Register, NotOpenYet, NOT_OPEN, 0),
    (Register, Over, NOT_OPEN, 0),
    (Register, WorkshopCancelled, NOT_OPEN, 0),
    (Register, Full, FULL, 0),
    (Waitlist, Full, Ok(4), 1),
    (Register, TrackFull, FULL, 0),
    (SignIn, OnlyRegistered, Ok(3), 1),
    (SignIn, SignedIn, Ok(3), 0),
    (SignIn, NoShow, Ok(3), 1),
    (SignIn, NoSuchRegistration, NO_ID, 0),
    (SignIn, Cancelled, CANCELED, 0),
    (SignIn, Waiting, IN_LINE, 0),
    (SignIn, Closed, CLOSED, 0),
    (UndoSignIn, SignedIn, Ok(0), 1),
    (UndoSignIn, OnlyRegistered, Err((2003, "The guest is not signed in")), 0),
    (UndoSignIn, NoSuchRegistration, NO_ID, 0),
    (UndoSignIn, Cancelled, CANCELED, 0),
    (UndoSignIn, Waiting, IN_LINE, 0),
    (UndoSignIn, Closed, CLOSED, 0),
    (Cancel, OnlyRegistered, Ok(1), 1),
    (Cancel, WithSomebodyInLine, Ok(1), 2),
    (Cancel, Waiting, Ok(1), 1),
    (Cancel, Cancelled, Ok(1), 0),
    (Cancel, NoSuchRegistration, Err((1004, "Invalid registration")), 0),
    (Cancel, Closed, INVOICE, 0),
    (Cancel, SignedIn, Err((2001, "The guest is signed in")), 0),
    (Cancel, NoShow, Err((2002, "The guest was marked as a no-show")), 0),
];

#[apply(on_each_database)]
async fn each_documented_row_is_the_same_in_rest_and_graphql(app: TestApp) {
    for (row, &(ask, scene, expected, entries)) in TABLE.iter().enumerate() {
        let told = format!("{ask:?} where {scene:?}");
        let stage = set_up(&app, scene, &format!("call {row}")).await;
        let before = effect(&app).await;
        let answer = by_call(&app, ask, &stage).await;
        let call = (outcome_of_call(&answer), effect(&app).await - before);

        let stage = set_up(&app, scene, &format!("graph {row}")).await;
        let before = effect(&app).await;
        let answer = by_graph(&app, ask, &stage).await;
        let graph = (outcome_of_graph(&answer), effect(&app).await - before);

        assert_eq!(call, graph, "{told}");
        let owned = expected.map(i64::from).map_err(|(code, sentence)| (code, sentence.to_owned()));
        assert_eq!(call.0, owned, "{told}");
        let written = (call.1 + AN_ENTRY / 2).div_euclid(AN_ENTRY);
        assert_eq!(written, entries, "{told}: entries in the journal");
        assert_eq!(entries == 0, call.1 == 0, "{told}: where nothing is written down nothing is changed");
    }
}

/// What an entry of the journal adds to the number of an effect.
const AN_ENTRY: i64 = 10_000_000_000_000_000;

/// A number that tells what is there: how many entries the journal has and what stands in them, in which states
/// registrations are, and how the counters stand. One statement, for each is a connection of its own.
async fn effect(app: &TestApp) -> i64 {
    let statement = format!(
        "SELECT CAST({AN_ENTRY} * (SELECT COUNT(*) FROM journal)
            + 1000000000 * (SELECT COALESCE(SUM(10000 * kind * kind + 100 * COALESCE(status_before, 9) + status_after), 0)
                FROM journal)
            + 10000 * (SELECT COALESCE(SUM(1 + 10 * status + 100 * status * status), 0) FROM registrations)
            + (SELECT COALESCE(SUM(1000 * seats_taken + waitlist_length), 0) FROM workshops) AS BIGINT)"
    );
    app.database.number(&statement).await
}

/// Brings about what a row begins with.
async fn set_up(app: &TestApp, scene: Scene, guest: &str) -> Staged {
    let hour = TimeDelta::hours(1);
    let to_be = match scene {
        Draft => a_workshop().stage(Stage::Draft),
        NotOpenYet => a_workshop().window(Some(hour), None),
        Over => a_workshop().sessions([-hour * 3]),
        WorkshopCancelled => a_workshop().stage(Stage::Cancelled),
        NoLine => a_workshop().no_waitlist(),
        LineFull => a_workshop().waitlist_limit(0),
        TrackFull => a_workshop().track(0),
        Full | WithSomebodyInLine => a_workshop().capacity(1),
        NoShow => a_workshop().sessions([hour]),
        _ => a_workshop(),
    };
    let mut workshop = app.given(to_be).await;
    let mut input = app.input(&workshop, guest).await;
    let elsewhere = app.given(a_workshop()).await;
    match scene {
        NothingPassed => input = json!({}),
        BlankGuest => input["guestId"] = " ".into(),
        NoSuchWorkshop => "wks_nowhere".clone_into(&mut workshop.id),
        NoSuchGuest => input["guestId"] = GuestId::from_uuid(Uuid::now_v7()).to_string().into(),
        NoSuchCenter => input["centerId"] = CenterId::from_uuid(Uuid::now_v7()).to_string().into(),
        CenterOfAnother => input["centerId"] = elsewhere.center.into(),
        TrackOfAnother => input["trackId"] = elsewhere.tracks[0].into(),
        TrackFull => input["trackId"] = workshop.tracks[1].into(),
        Full => {
            app.register(&workshop, "somebody").await.registration();
        }
        _ => {}
    }
    let registration = match scene {
        Enrolled | OnlyRegistered | WithSomebodyInLine | SignedIn | NoShow | Cancelled | Closed => {
            app.register(&workshop, guest).await.registration().clone()
        }
        Waiting => app.waitlist(&workshop, guest).await.registration().clone(),
        _ => json!({ "id": "reg_01kdvdna00e00800000m000000" }),
    };
    match scene {
        WithSomebodyInLine => {
            app.waitlist(&workshop, "somebody").await.registration();
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
    if scene == Closed {
        app.database.execute("UPDATE registrations SET status = 7 WHERE status = 3").await.unwrap();
    }
    Staged { workshop, input, registration }
}

async fn by_call(app: &TestApp, ask: Ask, stage: &Staged) -> Answer {
    let path = registrations(&stage.workshop.id);
    let name = match ask {
        Register | Waitlist => {
            let mut body = sent(&stage.input);
            body["waitlist"] = (ask == Waitlist).into();
            return app.call(Method::POST, &path, Some(&body)).await;
        }
        SignIn => "sign_in",
        UndoSignIn => "undo_sign_in",
        Cancel => "cancel",
    };
    let path = format!("{path}/{}/{name}", stage.registration["id"].as_str().unwrap());
    app.call(Method::PUT, &path, None).await
}

async fn by_graph(app: &TestApp, ask: Ask, stage: &Staged) -> Answer {
    let mutation = match ask {
        Register | Waitlist => {
            let mut input = stage.input.clone();
            input["waitlist"] = (ask == Waitlist).into();
            return app.register_with(&stage.workshop, &input).await;
        }
        SignIn => "checkInGuest",
        UndoSignIn => "undoCheckIn",
        Cancel => "cancelRegistration",
    };
    app.on(&stage.registration, mutation, "").await
}

/// The number of the state, or the code and the sentence.
type Outcome = Result<i64, (i64, String)>;

fn outcome_of_call(answer: &Answer) -> Outcome {
    if answer.status == 200 {
        return Ok(answer.told("registrations")["status"].as_i64().unwrap());
    }
    let (status, code, sentence) = answer.refused("registrations");
    assert_eq!(status, 400);
    Err((code, sentence.to_owned()))
}

fn outcome_of_graph(answer: &Answer) -> Outcome {
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
