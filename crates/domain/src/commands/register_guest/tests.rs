use uuid::Uuid;

use super::*;
use crate::{
    Problem, RegistrationStatus, Seats, Stage, Transition, WaitlistNumber,
    fixtures::{NOW, aggregate, at, center, guest, track},
    problems::{
        AlreadyRegistered, CapacityExceeded, CapacityScope, CenterInvalid, GuestInvalid, IdempotencyKeyReused,
        NotOpenReason, RegistrationNotOpen, TrackNotInWorkshop, WaitlistNotOpen,
    },
};

fn request(guest_number: u128) -> RegisterGuest {
    RegisterGuest {
        registration: RegistrationId::from_uuid(Uuid::from_u128(guest_number + 100)),
        workshop: Some(WorkshopId::from_uuid(Uuid::from_u128(1))),
        track: Some(track(1)),
        guest: Some(guest(guest_number)),
        center: Some(center()),
        waitlist: false,
        fingerprint: Fingerprint::of("test", &FingerprintInputs::default()),
    }
}

fn waiting(guest_number: u128) -> RegisterGuest {
    RegisterGuest { waitlist: true, ..request(guest_number) }
}

fn decide(aggregate: &mut WorkshopAggregate, request: &RegisterGuest) -> Result<Transition, RegisterGuestRefusal> {
    register_guest(Some(aggregate), request, at(NOW))?;
    let [transition] = aggregate.take_transitions()[..] else { panic!("one change of one registration") };
    Ok(transition)
}

#[test]
fn a_guest_takes_a_seat_of_the_workshop_and_of_the_track() {
    let mut aggregate = aggregate();
    let admission = decide(&mut aggregate, &request(1)).unwrap();
    assert_eq!((admission.before, admission.after), (None, RegistrationStatus::Registered));
    assert_eq!(aggregate.registration(admission.registration).unwrap().standing, Standing::Seated);
    assert_eq!(aggregate.workshop.seats.taken, 1);
    assert_eq!(aggregate.tracks[&track(1)].taken, 1);
    assert_eq!(aggregate.tracks[&track(2)].taken, 0);
}

#[test]
fn a_guest_who_asks_for_the_waitlist_joins_it_even_while_seats_are_free() {
    let mut aggregate = aggregate();
    let admission = decide(&mut aggregate, &waiting(1)).unwrap();
    let waiting = aggregate.registration(admission.registration).unwrap();
    assert_eq!(waiting.standing, Standing::Waiting { number: WaitlistNumber::new(1).unwrap() });
    assert_eq!((aggregate.workshop.seats.taken, aggregate.workshop.waitlist.length), (0, 1));
    assert_eq!(aggregate.next_waitlist_number.number(), 2);
}

#[test]
fn a_full_workshop_reports_whether_its_waitlist_is_open() {
    let mut aggregate = aggregate();
    decide(&mut aggregate, &request(1)).unwrap();
    decide(&mut aggregate, &request(2)).unwrap();
    let full = |waitlist_open| CapacityExceeded { scope: CapacityScope::Workshop, capacity: 2, waitlist_open }.into();
    assert_eq!(decide(&mut aggregate, &request(3)), Err(full(true)));
    decide(&mut aggregate, &waiting(3)).unwrap();
    assert_eq!(decide(&mut aggregate, &request(4)), Err(full(false)));
    assert_eq!(aggregate.workshop.seats.taken, 2);
}

#[test]
fn a_full_track_refuses_while_the_workshop_has_seats() {
    let mut aggregate = aggregate();
    let on_track_2 = |number| RegisterGuest { track: Some(track(2)), ..request(number) };
    decide(&mut aggregate, &on_track_2(1)).unwrap();
    assert_eq!(
        decide(&mut aggregate, &on_track_2(2)),
        Err(CapacityExceeded { scope: CapacityScope::Track, capacity: 1, waitlist_open: true }.into())
    );
    assert_eq!(aggregate.workshop.seats.taken, 1, "a refusal takes no seat of the workshop either");
    decide(&mut aggregate, &request(2)).unwrap();
}

#[test]
fn the_guest_with_the_last_seat_is_already_registered() {
    let mut aggregate = aggregate();
    aggregate.workshop.seats.capacity = Some(1);
    let admission = decide(&mut aggregate, &request(1)).unwrap();
    let already = AlreadyRegistered { registration: admission.registration };
    assert_eq!(decide(&mut aggregate, &request(1)), Err(already.into()));
    assert_eq!(decide(&mut aggregate, &waiting(1)), Err(already.into()));
}

#[test]
fn a_full_waitlist_takes_no_guest() {
    let mut aggregate = aggregate();
    decide(&mut aggregate, &waiting(1)).unwrap();
    let Err(RegisterGuestRefusal::WaitlistNotOpen(WaitlistNotOpen(not_open))) = decide(&mut aggregate, &waiting(2))
    else {
        panic!("the waitlist is full");
    };
    assert_eq!(not_open.reason, NotOpenReason::WaitlistFull);
}

#[test]
fn a_draft_takes_no_registrations() {
    let mut aggregate = aggregate();
    aggregate.workshop.stage = Stage::Draft;
    assert_eq!(decide(&mut aggregate, &request(1)), Err(WorkshopInvalid.into()));
}

#[test]
fn the_checks_come_in_the_documented_order() {
    use RegisterGuestRefusal as R;

    // The first request has every problem; each step fixes the reported one and meets the next.
    let mut aggregate = aggregate();
    aggregate.workshop.seats = Seats { capacity: Some(1), taken: 1 };
    aggregate.workshop.window.closes_at = Some(at(NOW));
    aggregate.guests.insert(guest(1), Some(RegistrationId::from_uuid(Uuid::from_u128(7))));
    let mut request = RegisterGuest { guest: None, center: None, track: None, ..request(1) };

    let mut refusals = Vec::new();
    let mut record = |refusal: RegisterGuestRefusal| refusals.push(refusal);
    record(register_guest(None, &request, at(NOW)).unwrap_err());
    record(decide(&mut aggregate, &request).unwrap_err());
    request.guest = Some(guest(1));
    record(decide(&mut aggregate, &request).unwrap_err());
    request.center = Some(center());
    record(decide(&mut aggregate, &request).unwrap_err());
    request.track = Some(track(1));
    record(decide(&mut aggregate, &request).unwrap_err());
    aggregate.guests.insert(guest(1), None);
    record(decide(&mut aggregate, &RegisterGuest { waitlist: true, ..request.clone() }).unwrap_err());
    record(decide(&mut aggregate, &request).unwrap_err());
    aggregate.workshop.window.closes_at = None;
    record(decide(&mut aggregate, &request).unwrap_err());
    aggregate.workshop.seats.taken = 0;
    decide(&mut aggregate, &request).unwrap();

    assert!(
        matches!(
            refusals.as_slice(),
            [
                R::WorkshopInvalid(_),
                R::GuestInvalid(_),
                R::CenterInvalid(_),
                R::TrackNotInWorkshop(_),
                R::AlreadyRegistered(_),
                R::WaitlistNotOpen(_),
                R::RegistrationNotOpen(_),
                R::CapacityExceeded(_),
            ]
        ),
        "{refusals:#?}"
    );
}

#[test]
fn every_missing_input_is_listed_and_a_blank_one_is_missing() {
    let id = RegistrationId::from_uuid(Uuid::from_u128(1));
    let blank = RegistrationForm { workshop: "no such", guest: Some("  "), ..RegistrationForm::default() };
    assert_eq!(
        RegisterGuest::parse(blank, id).unwrap_err().fields,
        [RequiredInput::Track, RequiredInput::Guest, RequiredInput::Center]
    );
    let track_only = RegistrationForm { track: Some(0), ..RegistrationForm::default() };
    assert_eq!(RegisterGuest::parse(track_only, id).unwrap_err().fields, [RequiredInput::Guest, RequiredInput::Center]);
}

#[test]
fn a_malformed_id_is_refused_in_the_documented_order() {
    let id = RegistrationId::from_uuid(Uuid::from_u128(1));
    let workshop = WorkshopId::from_uuid(Uuid::from_u128(1)).to_string();
    let form = RegistrationForm {
        workshop: &workshop,
        track: Some(-1),
        guest: Some(&workshop),
        center: Some("x"),
        ..RegistrationForm::default()
    };
    let request = RegisterGuest::parse(form, id).unwrap();
    assert!(request.workshop.is_some());
    assert_eq!((request.guest, request.center, request.track), (None, None, None));
}

#[test]
fn the_fingerprint_depends_on_every_input() {
    let id = RegistrationId::from_uuid(Uuid::from_u128(1));
    let base = RegistrationForm { workshop: "w", track: Some(1), guest: Some("g"), center: Some("c"), waitlist: false };
    let fingerprint = |form| RegisterGuest::parse(form, id).unwrap().fingerprint;
    assert_eq!(fingerprint(base), fingerprint(base));
    for other in [
        RegistrationForm { workshop: "x", ..base },
        RegistrationForm { track: Some(2), ..base },
        RegistrationForm { guest: Some("x"), ..base },
        RegistrationForm { center: Some("x"), ..base },
        RegistrationForm { waitlist: true, ..base },
    ] {
        assert_ne!(fingerprint(base), fingerprint(other));
    }
}

#[test]
fn every_problem_has_its_documented_code_and_message() {
    let not_open = crate::problems::NotOpen { reason: NotOpenReason::Closed, opens_at: None, closes_at: None };
    let table: [(&dyn Problem, i32, &str); 10] = [
        (
            &MissingInput { fields: vec![] },
            1004,
            "SessionId/Workshop Details/user id/ center id were not passed. Please check the input params.",
        ),
        (&WorkshopInvalid, 1001, "Workshop is invalid"),
        (&TrackNotInWorkshop, 502, "The track passed is not associated with the passed workshop"),
        (
            &AlreadyRegistered { registration: RegistrationId::from_uuid(Uuid::nil()) },
            1010,
            "Guest is already enrolled to the workshop or is on the waiting list",
        ),
        (&WaitlistNotOpen(not_open), 1009, "Workshop is not open for registrations, cannot add guest to waitlist"),
        (&RegistrationNotOpen(not_open), 1009, "Workshop is not open for registrations, cannot register to class"),
        (
            &CapacityExceeded { scope: CapacityScope::Workshop, capacity: 1, waitlist_open: false },
            1011,
            "Workshop capacity exceeded, cannot register to Workshop",
        ),
        (&GuestInvalid, 502, "Invalid guest_id."),
        (&CenterInvalid, 502, "Invalid center_id."),
        (&IdempotencyKeyReused, 2000, "The idempotency key was already used with a different input"),
    ];
    for (problem, code, sentence) in table {
        assert_eq!((problem.code(), problem.to_string().as_str()), (code, sentence));
    }
}
