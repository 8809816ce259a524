use uuid::Uuid;

use super::*;
use crate::{
    ChangeKind, GuestId, Patch, Problem, Registration, RegistrationId, RegistrationStatus, Standing, Transition,
    Waitlist, WaitlistNumber, Window, Workshop, WorkshopId,
    commands::{
        OnWorkshop, cancel_session::CancelSession, cancel_workshop::CancelWorkshop, publish_workshop::PublishWorkshop,
        remove_track::RemoveTrack, update_workshop::UpdateWorkshop,
    },
    fixtures::{NOW, at, update_workshop},
};

fn id(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

fn track() -> TrackId {
    TrackId::new(1).unwrap()
}

/// A published workshop with one seat, one track, one center and a session.
fn editable() -> EditableWorkshop {
    let center = CenterId::from_uuid(id(1));
    let workshop = Workshop {
        id: WorkshopId::from_uuid(id(1)),
        stage: Stage::Published,
        window: Window { opens_at: None, closes_at: None },
        starts_at: Some(at(NOW + 10)),
        ends_at: Some(at(NOW + 20)),
        seats: Seats { capacity: Some(1), taken: 0 },
        waitlist: Waitlist { enabled: true, limit: None, length: 0 },
    };
    let session = Session {
        track: track(),
        center,
        title: "A session".to_owned(),
        starts_at: at(NOW + 10),
        ends_at: at(NOW + 20),
        room: None,
        instructor: None,
        cancelled_at: None,
    };
    let mut aggregate = WorkshopAggregate::new(workshop, WaitlistNumber::new(1).unwrap());
    aggregate.tracks.insert(track(), Seats { capacity: None, taken: 0 });
    aggregate.centers.insert(center);
    EditableWorkshop {
        aggregate,
        title: "A workshop".to_owned(),
        description: None,
        external_id: None,
        version: 1,
        track_names: BTreeMap::from([(track(), "A track".to_owned())]),
        sessions: BTreeMap::from([(SessionId::from_uuid(id(1)), session)]),
        new_track: None,
        context: EditContext::default(),
    }
}

/// A full workshop: a guest on the seat, and this many on the waitlist.
fn full(waiting: u128) -> EditableWorkshop {
    let mut editable = editable();
    for number in 0..=waiting {
        let standing = match number {
            0 => Standing::Seated,
            _ => Standing::Waiting { number: editable.aggregate.take_waitlist_number() },
        };
        let registration = Registration {
            id: RegistrationId::from_uuid(id(number)),
            guest: GuestId::from_uuid(id(number)),
            track: track(),
            center: CenterId::from_uuid(id(1)),
            standing,
            promoted_at: None,
            note: None,
        };
        editable.aggregate.add_registration(registration, ChangeKind::Registered);
    }
    editable.aggregate.take_transitions();
    editable
}

/// The changes of registrations that a command makes.
fn transitions<C: OnWorkshop>(command: &C, editable: &mut EditableWorkshop, now: Timestamp) -> Vec<Transition>
where
    C::Refusal: std::fmt::Debug,
{
    command.decide(editable, now).unwrap();
    editable.aggregate.take_transitions()
}

#[test]
fn added_seats_go_to_the_first_guests_on_the_waitlist() {
    let mut editable = full(3);
    let raise = UpdateWorkshop { capacity: Patch::Set(3), ..update_workshop() };
    let promoted: Vec<_> = transitions(&raise, &mut editable, at(NOW)).iter().map(|t| t.registration).collect();
    assert_eq!(promoted, [1, 2].map(|number| RegistrationId::from_uuid(id(number))));
    assert_eq!((editable.aggregate.workshop.seats.taken, editable.aggregate.workshop.waitlist.length), (3, 1));
}

#[test]
fn an_edit_promotes_no_guest_if_it_adds_no_seat_or_the_workshop_has_started() {
    let mut with_room = full(1);
    with_room.aggregate.workshop.seats.capacity = Some(2);
    let same = UpdateWorkshop { capacity: Patch::Set(2), ..update_workshop() };
    assert_eq!(transitions(&same, &mut with_room, at(NOW)), []);
    let raise = UpdateWorkshop { capacity: Patch::Clear, ..update_workshop() };
    assert_eq!(transitions(&raise, &mut full(1), at(NOW + 10)), [], "the first session has started");
}

#[test]
fn an_update_checks_its_problems_in_the_documented_order() {
    let mut edit = UpdateWorkshop {
        expected_version: Some(9),
        opens_at: Patch::Set(at(2)),
        closes_at: Patch::Set(at(1)),
        centers: Some(vec![None]),
        capacity: Patch::Set(0),
        ..update_workshop()
    };
    let mut before = full(0);
    before.context.is_external_id_taken = true;
    before.aggregate.workshop.stage = Stage::Cancelled;
    let code = |edit: &UpdateWorkshop, before: &EditableWorkshop| {
        use crate::commands::update_workshop::UpdateWorkshopRefusal as Refusal;
        match edit.decide(&mut before.clone(), at(NOW)).unwrap_err() {
            Refusal::VersionConflict(problem) => problem.code(),
            Refusal::WorkshopNotEditable(problem) => problem.code(),
            Refusal::WindowInvalid(problem) => problem.code(),
            Refusal::CenterInvalid(problem) => problem.code(),
            Refusal::ExternalIdTaken(problem) => problem.code(),
            Refusal::CapacityBelowTaken(problem) => problem.code(),
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(code(&edit, &before), 2031);
    edit.expected_version = Some(1);
    assert_eq!(code(&edit, &before), 2037);
    before.aggregate.workshop.stage = Stage::Published;
    assert_eq!(code(&edit, &before), 2033);
    edit.opens_at = Patch::Keep;
    assert_eq!(code(&edit, &before), 502);
    edit.centers = None;
    assert_eq!(code(&edit, &before), 2011);
    before.context.is_external_id_taken = false;
    assert_eq!(code(&edit, &before), 2032);
}

#[test]
fn a_cancelled_workshop_releases_seated_and_waitlisted_guests_only() {
    let mut editable = full(2);
    let signed_in = RegistrationId::from_uuid(id(0));
    editable.aggregate.set_standing(signed_in, Standing::SignedIn { at: at(NOW) }, ChangeKind::CheckedIn);
    editable.aggregate.take_transitions();
    let cancel = CancelWorkshop { workshop: None, reason: None };
    let released = transitions(&cancel, &mut editable, at(NOW));
    assert!(released.iter().all(|transition| transition.after == RegistrationStatus::WorkshopCancelled));
    assert_eq!(released.len(), 2);
    assert_eq!((editable.aggregate.workshop.seats.taken, editable.aggregate.workshop.waitlist.length), (1, 0));
    assert_eq!(transitions(&cancel, &mut editable, at(NOW)), [], "twice is the same as once");
}

#[test]
fn a_cancelled_session_does_not_count_in_the_schedule() {
    let mut editable = editable();
    let session = Some(SessionId::from_uuid(id(1)));
    CancelSession { session }.decide(&mut editable, at(NOW)).unwrap();
    assert_eq!(editable.schedule(None), (None, None));
    assert_eq!(editable.schedule(Some(track())), (None, None));
    assert_eq!((editable.aggregate.workshop.starts_at, editable.aggregate.workshop.ends_at), (None, None));
}

#[test]
fn a_published_workshop_keeps_its_last_track_and_a_draft_can_lose_it() {
    let mut published = editable();
    let remove = RemoveTrack { track: Some(track()) };
    assert!(remove.decide(&mut published, at(NOW)).is_err());
    let mut draft = editable();
    draft.aggregate.workshop.stage = Stage::Draft;
    assert_eq!(transitions(&remove, &mut draft, at(NOW)), []);
    assert!(draft.sessions.is_empty(), "its sessions go with it");
    assert!(PublishWorkshop { workshop: None }.decide(&mut draft, at(NOW)).is_err());
}

#[test]
fn the_fingerprint_of_an_edit_depends_on_the_workshop_and_on_the_input() {
    let of = |number: u128| PublishWorkshop { workshop: Some(WorkshopId::from_uuid(id(number))) }.fingerprint();
    assert_eq!(of(1), of(1));
    assert_ne!(of(1), of(2));
    let titled = |title: &str| UpdateWorkshop { title: Some(title.to_owned()), ..update_workshop() }.fingerprint();
    assert_ne!(titled("Clay"), titled("Wood"));
}
