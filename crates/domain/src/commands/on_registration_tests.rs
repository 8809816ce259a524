//! The state machine of a registration: the result of every command in every state.

use std::fmt::Debug;

use super::{
    OnRegistration, cancel_registration::CancelRegistration, change_track::ChangeTrack, check_in_guest::CheckInGuest,
    mark_no_show::MarkNoShow, promote_from_waitlist::PromoteFromWaitlist, undo_check_in::UndoCheckIn,
    update_registration_note::UpdateRegistrationNote,
};
use crate::{
    Standing, WaitlistNumber,
    fixtures::{NOW, aggregate, at, registration, track},
};

/// Every state.
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

/// The result of a command in each state: the next status, or the problem.
fn outcomes<C: OnRegistration>(command: &C, started: bool) -> Vec<String>
where
    C::Refusal: Debug,
{
    let outcome = |standing: Standing| {
        let mut aggregate = aggregate();
        aggregate.workshop.starts_at = started.then(|| at(NOW));
        aggregate.add_guest(1, 1, standing);
        match command.decide(registration(1), &mut aggregate, at(NOW)) {
            Ok(()) => format!("{:?}", aggregate.registration(registration(1)).unwrap().standing.status()),
            Err(refusal) => format!("{refusal:?}").split('(').next().unwrap().to_owned(),
        }
    };
    standings().into_iter().map(outcome).collect()
}

const ID: Option<crate::RegistrationId> = None;

#[test]
fn a_seated_or_waitlisted_registration_can_be_cancelled() {
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
fn a_guest_with_a_seat_or_a_no_show_can_be_checked_in() {
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
fn only_a_signed_in_registration_can_be_undone() {
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
fn a_no_show_is_marked_only_after_the_workshop_has_started() {
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
fn only_a_waitlisted_guest_is_promoted_and_only_before_the_workshop_starts() {
    let mut expected = ["GuestNotWaitlisted"; 7];
    expected[1] = "Registered";
    assert_eq!(outcomes(&PromoteFromWaitlist { registration: ID }, false), expected);
    expected[1] = "WorkshopStarted";
    assert_eq!(outcomes(&PromoteFromWaitlist { registration: ID }, true), expected);
}

#[test]
fn a_live_registration_moves_to_another_track_in_its_state() {
    let expected = [
        "Registered",
        // The new track has a free seat, so the move promotes the guest.
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
fn a_note_is_written_in_every_state_and_changes_none() {
    let expected = standings().map(|standing| format!("{:?}", standing.status()));
    let command = UpdateRegistrationNote { registration: ID, note: Some("Vegan".to_owned()) };
    assert_eq!(outcomes(&command, true), expected);
}

#[test]
fn the_new_track_has_a_free_seat_and_belongs_to_the_workshop() {
    let mut aggregate = aggregate().with_seated_guest(1, 2).with_seated_guest(2, 1);
    let mut to = |number| {
        let command = ChangeTrack { registration: ID, track: Some(track(number)) };
        let decided = command.decide(registration(2), &mut aggregate, at(NOW)).map_err(|refusal| refusal.to_string());
        decided.map(|()| aggregate.take_transitions())
    };
    assert_eq!(to(2), Err("Workshop capacity exceeded, cannot register to Workshop".to_owned()));
    assert_eq!(to(9), Err("The track passed is not associated with the passed workshop".to_owned()));
    assert_eq!(to(1), Ok(Vec::new()), "the registration is on this track already");
}
