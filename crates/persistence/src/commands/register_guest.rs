use domain::{
    Desk, Fingerprint, RegistrationId, Timestamp, Transition, WorkshopId,
    access::{Authority, Registering},
    commands::register_guest::{RegisterGuest, RegisterGuestRefusal, register_guest},
    problems::WorkshopInvalid,
};

use super::{Caller, Command, Keepable};
use crate::{
    RegistrationRow, Store, StoreError, View,
    desks::{self, Hold, Questions},
    writes::Writes,
};

/// The guest is registered, or in line.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Registered {
    /// The registration.
    pub id: RegistrationId,
    /// It as it was decided; `None` when it was before, under the same key.
    pub row: Option<RegistrationRow>,
}

impl Keepable for Registered {
    fn keep(&self) -> String {
        self.id.to_string()
    }

    fn recall(text: &str) -> Result<Self, StoreError> {
        let corrupt = |_| StoreError::Corrupt { what: "a kept result", why: text.to_owned() };
        text.parse().map(|id| Self { id, row: None }).map_err(corrupt)
    }
}

impl Store {
    /// Registers a guest, or puts the guest in line. Answers after the commit.
    pub async fn register_guest(
        &self,
        request: RegisterGuest,
        caller: Caller<Registering>,
    ) -> Result<Result<Registered, RegisterGuestRefusal>, StoreError> {
        match request.workshop {
            None => Ok(Err(WorkshopInvalid.into())),
            Some(workshop) => self.lanes.submit(AtWorkshop { workshop, request }, caller.behalf()).await,
        }
    }
}

impl View {
    /// What [`Store::register_guest`] would answer now to each of these, were it the only one, by the same rule. Writes
    /// nothing and commits to nothing.
    pub async fn would_register_guests(
        &self,
        requests: Vec<RegisterGuest>,
    ) -> Result<Vec<(RegisterGuest, Result<(), RegisterGuestRefusal>)>, StoreError> {
        let mut questions = Questions::default();
        questions.workshops.extend(requests.iter().filter_map(|request| request.workshop));
        questions.guests.extend(requests.iter().filter_map(|request| request.guest));
        questions.ask_whereabouts(self.authority());
        let desks = desks::load(&self.read, &questions, Hold::No).await?;
        let now = self.clock.now();
        let answer = |request: RegisterGuest| {
            // A desk of its own: who is granted a seat leaves one less.
            let mut desk = request.workshop.and_then(|id| desks.get(&id)).cloned();
            let answer = decide(desk.as_mut(), &request, now, self.authority()).map(|_| ());
            (request, answer)
        };
        Ok(requests.into_iter().map(answer).collect())
    }
}

/// Decides on what is in the caller's power.
fn decide(
    desk: Option<&mut Desk>,
    request: &RegisterGuest,
    now: Timestamp,
    by: &Authority,
) -> Result<Transition, RegisterGuestRefusal> {
    match desk {
        Some(desk) => {
            let request = request.within(by, desk);
            register_guest(Some(desk), &request, now)
        }
        None => register_guest(None, request, now),
    }
}

struct AtWorkshop {
    workshop: WorkshopId,
    request: RegisterGuest,
}

impl Command for AtWorkshop {
    type Success = Registered;
    type Refusal = RegisterGuestRefusal;

    fn workshop(&self) -> WorkshopId {
        self.workshop
    }

    fn fingerprint(&self) -> Fingerprint {
        self.request.fingerprint
    }

    fn ask(&self, questions: &mut Questions) {
        questions.guests.extend(self.request.guest);
    }

    fn decide(
        &self,
        mut desk: Option<&mut Desk>,
        now: Timestamp,
        by: &Authority,
        writes: &mut Writes,
    ) -> Result<Registered, RegisterGuestRefusal> {
        let transition = decide(desk.as_deref_mut(), &self.request, now, by)?;
        let id = transition.registration;
        let mut row = None;
        if let Some(desk) = desk {
            writes.note(desk, &[transition], by.actor());
            let begun = |registration| RegistrationRow::begun(self.workshop, registration, now);
            row = desk.registrations.get(&id).map(begun);
        }
        Ok(Registered { id, row })
    }
}
