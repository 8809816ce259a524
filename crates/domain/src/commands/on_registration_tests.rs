//! Which state follows from which: the table of the life of a registration, for every command and every state.

use std::fmt::Debug;

use super::{
    OnRegistration, cancel_registration::CancelRegistration, change_track::ChangeTrack, check_in_guest::CheckInGuest,
    mark_no_show::MarkNoShow, promote_from_waitlist::PromoteFromWaitlist, undo_check_in::UndoCheckIn,
};
use crate::{
    Standing, WaitlistNumber,
    fixtures::{NOW, aggregate, at, registration, track},
};

/// Every state, with whether the workshop has started.
fn standings() -> [Standing; 7] {
    [
        Standing::Seated,
        Standing::Waiting { number: WaitlistNumber::new(1).unwrap() },
        Standing::SignedIn { at: at(NOW - 1) },
        Standing::NoShow,
        Standing::Cancelled { at: at(NOW - 1), reason: None },
        Standing::WorkshopCancelled { at: at(NOW - 1), reason: None },
        Standing::Closed,
    ]
}

/// What a command makes of each state: the state after, or the problem.
fn outcomes<C: OnRegistration>(command: &C, started: bool) -> Vec<String>
where
    C::Refusal: Debug,
{
    let outcome = |standing: Standing| {
        let mut aggregate = aggregate();
        aggregate.workshop.starts_at = started.then(|| at(NOW));
        aggregate.add_guest(1, 1, standing);
        match command.decide(registration(1), &mut aggregate, at(NOW)) {
            Ok(_) => format!("{:?}", aggregate.registrations[&registration(1)].standing.status()),
            Err(refusal) => format!("{refusal:?}").split('(').next().unwrap().to_owned(),
        }
    };
    standings().into_iter().map(outcome).collect()
}

const ID: Option<crate::RegistrationId> = None;

#[test]
fn a_registration_is_cancelled_from_a_seat_or_from_the_line() {
    let expected = [
        "Cancelled",
        "Cancelled",
        "GuestSignedIn",
        "GuestMarkedNoShow",
        "Cancelled",
        "WorkshopCancelled",
        "InvoiceClosed",
    ];
    assert_eq!(outcomes(&CancelRegistration { registration: ID, reason: None }, false), expected);
}

#[test]
fn a_guest_with_a_seat_is_checked_in_late_or_in_time() {
    let expected = [
        "SignedIn",
        "GuestWaitlisted",
        "SignedIn",
        "SignedIn",
        "RegistrationCancelled",
        "RegistrationCancelled",
        "RegistrationClosed",
    ];
    assert_eq!(outcomes(&CheckInGuest { registration: ID }, true), expected);
}

#[test]
fn only_a_check_in_is_undone() {
    let expected = [
        "GuestNotSignedIn",
        "GuestWaitlisted",
        "Registered",
        "GuestNotSignedIn",
        "RegistrationCancelled",
        "RegistrationCancelled",
        "RegistrationClosed",
    ];
    assert_eq!(outcomes(&UndoCheckIn { registration: ID }, true), expected);
}

#[test]
fn nobody_is_missed_before_it_has_started() {
    let mut expected = [
        "NoShow",
        "GuestWaitlisted",
        "GuestSignedIn",
        "NoShow",
        "RegistrationCancelled",
        "RegistrationCancelled",
        "RegistrationClosed",
    ];
    assert_eq!(outcomes(&MarkNoShow { registration: ID }, true), expected);
    expected[0] = "WorkshopNotStarted";
    assert_eq!(outcomes(&MarkNoShow { registration: ID }, false), expected);
}

#[test]
fn only_who_waits_is_promoted_and_only_before_it_has_started() {
    let mut expected = ["GuestNotWaitlisted"; 7];
    expected[1] = "Registered";
    assert_eq!(outcomes(&PromoteFromWaitlist { registration: ID }, false), expected);
    expected[1] = "WorkshopStarted";
    assert_eq!(outcomes(&PromoteFromWaitlist { registration: ID }, true), expected);
}

#[test]
fn whatever_is_live_goes_to_another_track_as_it_is() {
    let expected = [
        "Registered",
        // The track it goes to has room, and so the wait is over.
        "Registered",
        "SignedIn",
        "NoShow",
        "RegistrationCancelled",
        "RegistrationCancelled",
        "RegistrationClosed",
    ];
    assert_eq!(outcomes(&ChangeTrack { registration: ID, track: Some(track(2)) }, false), expected);
}

#[test]
fn the_new_track_must_have_room_and_be_of_the_workshop() {
    let mut aggregate = aggregate().with_seated_guest(1, 2).with_seated_guest(2, 1);
    let mut to = |number| {
        let command = ChangeTrack { registration: ID, track: Some(track(number)) };
        command.decide(registration(2), &mut aggregate, at(NOW)).map_err(|refusal| refusal.to_string())
    };
    assert_eq!(to(2), Err("Workshop capacity exceeded, cannot register to Workshop".to_owned()));
    assert_eq!(to(9), Err("The track passed is not associated with the passed workshop".to_owned()));
    assert_eq!(to(1), Ok(Vec::new()), "it is there already");
}
