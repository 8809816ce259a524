//! The system under test: a real workshop to which the same operations are applied.

use std::sync::Mutex;

use chrono::TimeDelta;
use domain::{
    Actor, GuestForm, Patch, RegistrationId, RegistrationStatus, SessionDraft, SessionId,
    commands::{
        add_session::AddSession,
        add_track::AddTrack,
        cancel_registration::CancelRegistration,
        cancel_session::CancelSession,
        cancel_workshop::CancelWorkshop,
        change_track::ChangeTrack,
        check_in_guest::CheckInGuest,
        mark_no_show::MarkNoShow,
        promote_from_waitlist::PromoteFromWaitlist,
        publish_workshop::PublishWorkshop,
        register_guest::{RegisterGuest, RegistrationForm},
        register_guests::{Mode, RegisterGuests},
        remove_track::RemoveTrack,
        undo_check_in::UndoCheckIn,
        update_guest::UpdateGuest,
        update_session::UpdateSession,
        update_track::UpdateTrack,
        update_workshop::UpdateWorkshop,
    },
};
use persistence::{ChangedRegistration, CommandContext};
use tests::{TestApp, Workshop, a_workshop, now};
use uuid::Uuid;

use super::{
    operation::{CAPACITY, Edit, GUESTS, Operation, TRACKS, WAITLIST_LIMIT},
    reference_model::Outcome,
};

/// A workshop with the model's seats, and its guests with the last registration of each.
pub(super) struct SystemUnderTest<'a> {
    app: &'a TestApp,
    pub(super) workshop: Workshop,
    guests: Vec<String>,
    last: Mutex<Vec<Option<RegistrationId>>>,
    sessions: Mutex<Vec<SessionId>>,
}

impl<'a> SystemUnderTest<'a> {
    pub(super) async fn new(app: &'a TestApp) -> Self {
        app.set_time(now());
        let count = |number: usize| u32::try_from(number).unwrap();
        let mut builder =
            a_workshop().capacity(count(CAPACITY)).waitlist_limit(count(WAITLIST_LIMIT)).window(None, None);
        builder = builder.sessions([TimeDelta::hours(1)]);
        for seats in TRACKS.into_iter().flatten() {
            builder = builder.track(count(seats));
        }
        let workshop = app.given(builder).await;
        let guests = app.guests(&[""; GUESTS]).await;
        let first = app.view().sessions_of_workshops(&[workshop.id.parse().unwrap()], 1).await.unwrap();
        let sessions = Mutex::new(first.iter().map(|row| SessionId::from_uuid(row.id)).collect());
        Self { app, workshop, guests, last: Mutex::new(vec![None; GUESTS]), sessions }
    }

    pub(super) async fn apply(&self, operation: Operation) -> Outcome {
        self.apply_at(self.app, operation).await
    }

    pub(super) async fn apply_at(&self, app: &TestApp, operation: Operation) -> Outcome {
        let of = |guest: usize| self.last.lock().unwrap()[guest];
        let store = &app.store;
        macro_rules! change {
            ($guest:expr, $command:expr) => {{
                let changed = store
                    .change_registration($command, CommandContext::unlimited(Actor::System))
                    .await
                    .expect("no fault");
                match changed {
                    Ok(changed) => Ok(self.outcome(changed).await),
                    Err(refusal) => Err(problem_name(&refusal)),
                }
            }};
        }
        match operation {
            Operation::Edit(edit) => self.edit(app, edit).await,
            Operation::Rename { guest } => {
                let form = GuestForm { given_name: Patch::Set("Ann".to_owned()), ..GuestForm::default() };
                let command = UpdateGuest::parse(&form, &self.guests[guest]).unwrap();
                let renamed =
                    store.update_guest(command, CommandContext::unlimited(Actor::System)).await.expect("no fault");
                renamed.map(|_| ("EDITED", Vec::new())).map_err(|refusal| problem_name(&refusal))
            }
            Operation::RegisterTogether { first, track, all } => self.register_together(first, track, all).await,
            Operation::Start => {
                self.app.set_time(now() + TimeDelta::hours(1));
                Ok(("STARTED", Vec::new()))
            }
            Operation::Register { guest, track, waitlist } => {
                match store
                    .register_guest(self.request(guest, track, waitlist), CommandContext::unlimited(Actor::System))
                    .await
                    .expect("no fault")
                {
                    Ok(registered) => {
                        self.last.lock().unwrap()[guest] = Some(registered.id);
                        Ok((if waitlist { "WAITLISTED" } else { "REGISTERED" }, Vec::new()))
                    }
                    Err(refusal) => Err(problem_name(&refusal)),
                }
            }
            Operation::Cancel { guest } => change!(guest, CancelRegistration { registration: of(guest), reason: None }),
            Operation::CheckIn { guest } => change!(guest, CheckInGuest { registration: of(guest) }),
            Operation::UndoCheckIn { guest } => change!(guest, UndoCheckIn { registration: of(guest) }),
            Operation::MarkNoShow { guest } => change!(guest, MarkNoShow { registration: of(guest) }),
            Operation::Promote { guest } => change!(guest, PromoteFromWaitlist { registration: of(guest) }),
            Operation::ChangeTrack { guest, track } => {
                let track = domain::TrackId::new(self.workshop.tracks[track]);
                change!(guest, ChangeTrack { registration: of(guest), track })
            }
        }
    }

    async fn edit(&self, app: &TestApp, edit: Edit) -> Outcome {
        macro_rules! edit {
            ($command:expr) => {
                match app
                    .store
                    .edit_workshop($command, CommandContext::unlimited(Actor::System))
                    .await
                    .expect("no fault")
                {
                    Ok(edited) => Ok(("EDITED", self.guests_of(&edited.promoted))),
                    Err(refusal) => Err(problem_name(&refusal)),
                }
            };
        }
        let workshop = self.workshop.id.parse().ok();
        let unchanged = UpdateWorkshop {
            workshop,
            capacity: Patch::Keep,
            expected_version: None,
            title: None,
            description: Patch::Keep,
            external_id: Patch::Keep,
            opens_at: Patch::Keep,
            closes_at: Patch::Keep,
            waitlist_enabled: None,
            waitlist_limit: Patch::Keep,
            centers: None,
        };
        let number = |number: usize| Patch::Set(u32::try_from(number).unwrap());
        let at = |hour: usize| now() + TimeDelta::hours(i64::try_from(hour).unwrap());
        let session = |which: usize| {
            let sessions = self.sessions.lock().unwrap();
            Some(sessions[which % sessions.len()])
        };
        match edit {
            Edit::Capacity { seats } => edit!(UpdateWorkshop { capacity: number(seats), ..unchanged }),
            Edit::WaitlistLimit { limit } => edit!(UpdateWorkshop { waitlist_limit: number(limit), ..unchanged }),
            Edit::Waitlist { enabled } => {
                edit!(UpdateWorkshop { waitlist_enabled: Some(enabled), ..unchanged })
            }
            Edit::Window { closed } => {
                let closes_at = if closed { Patch::Set(now() - TimeDelta::hours(1)) } else { Patch::Clear };
                edit!(UpdateWorkshop { closes_at, ..unchanged })
            }
            Edit::AddSession { hour } => {
                let (session, center) = (SessionId::from_uuid(Uuid::now_v7()), self.workshop.center.parse().ok());
                let (starts_at, ends_at, title) = (at(hour), at(9), String::new());
                let draft = SessionDraft { title, starts_at, ends_at, center, room: None, instructor: None };
                let track = domain::TrackId::new(self.workshop.tracks[0]);
                let added = edit!(AddSession { session, track, draft });
                if added.is_ok() {
                    self.sessions.lock().unwrap().push(session);
                }
                added
            }
            Edit::MoveSession { which, hour } => edit!(UpdateSession {
                session: session(which),
                starts_at: Some(at(hour)),
                ends_at: Some(at(9)),
                title: None,
                center: None,
                room: Patch::Keep,
                instructor: Patch::Keep,
            }),
            Edit::CancelSession { which } => edit!(CancelSession { session: session(which) }),
            Edit::RemoveTrack { track } => {
                edit!(RemoveTrack { track: domain::TrackId::new(self.workshop.tracks[track]) })
            }
            Edit::Publish => edit!(PublishWorkshop { workshop }),
            Edit::AddTrack => edit!(AddTrack { workshop, name: "One more".to_owned(), capacity: None }),
            Edit::TrackCapacity { track, seats } => {
                let track = domain::TrackId::new(self.workshop.tracks[track]);
                edit!(UpdateTrack { track, name: None, capacity: Patch::Set(u32::try_from(seats).unwrap()) })
            }
            Edit::CancelWorkshop => edit!(CancelWorkshop { workshop, reason: None }),
        }
    }

    /// The outcome of a changed registration, as the model names it.
    async fn outcome(&self, changed: ChangedRegistration) -> (&'static str, Vec<usize>) {
        let rows = self.app.view().registrations(&[changed.registration]).await.unwrap();
        (status_name(rows[0].status.0), self.guests_of(&changed.promoted))
    }

    fn guests_of(&self, ids: &[RegistrationId]) -> Vec<usize> {
        let last = self.last.lock().unwrap();
        // A concurrent task can promote a registration before the task that created it stores its id.
        ids.iter().filter_map(|id| last.iter().position(|of| of.as_ref() == Some(id))).collect()
    }

    fn request(&self, guest: usize, track: usize, waitlist: bool) -> RegisterGuest {
        let form = RegistrationForm {
            workshop: &self.workshop.id,
            track: Some(self.workshop.tracks[track]),
            guest: Some(&self.guests[guest]),
            center: Some(&self.workshop.center),
            waitlist,
        };
        RegisterGuest::parse(form, RegistrationId::from_uuid(Uuid::now_v7())).unwrap()
    }

    async fn register_together(&self, first: usize, track: usize, all: bool) -> Outcome {
        let guests: Vec<_> = (first..first + 3).map(|guest| guest % GUESTS).collect();
        let command = RegisterGuests {
            workshop: self.workshop.id.parse().ok(),
            mode: if all { Mode::AllOrNothing } else { Mode::PerGuest },
            requests: guests.iter().map(|guest| Ok(self.request(*guest, track, false))).collect(),
        };
        let each =
            self.app.store.register_guests(command, CommandContext::unlimited(Actor::System)).await.expect("no fault");
        let each = each.map_err(|refusal| problem_name(&refusal))?;
        let mut registered = Vec::new();
        for (guest, id) in guests.into_iter().zip(each).filter_map(|(guest, outcome)| Some((guest, outcome.ok()?))) {
            self.last.lock().unwrap()[guest] = Some(id);
            registered.push(guest);
        }
        Ok(("TOGETHER", registered))
    }
}

pub(super) fn status_name(status: RegistrationStatus) -> &'static str {
    match status {
        RegistrationStatus::Registered => "REGISTERED",
        RegistrationStatus::Waitlisted => "WAITLISTED",
        RegistrationStatus::SignedIn => "SIGNED_IN",
        RegistrationStatus::NoShow => "NO_SHOW",
        RegistrationStatus::Cancelled => "CANCELLED",
        RegistrationStatus::WorkshopCancelled => "WORKSHOP_CANCELLED",
        RegistrationStatus::Closed => "CLOSED",
    }
}

/// The name of the problem in a refusal, which is the name of its variant.
fn problem_name(refusal: &impl std::fmt::Debug) -> &'static str {
    let text = format!("{refusal:?}");
    let name = text.split('(').next().unwrap().to_owned();
    // The test leaks a few short names.
    name.leak()
}
