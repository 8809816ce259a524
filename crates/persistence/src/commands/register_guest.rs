use domain::{
    Fingerprint, RegistrationId, Timestamp, Transition, WorkshopAggregate, WorkshopId,
    access::{Authority, ManageRegistrations},
    commands::register_guest::{RegisterGuest, RegisterGuestRefusal, register_guest},
    problems::WorkshopInvalid,
};

use super::{Command, CommandContext, StoredResult};
use crate::{
    RegistrationRow, Store, StoreError, View,
    aggregates::{self, LoadPlan, LockMode, writes::Writes},
};

/// The guest is registered, or in line.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RegisteredGuest {
    /// The registration.
    pub id: RegistrationId,
    /// It as it was decided; `None` when it was before, under the same key.
    pub row: Option<RegistrationRow>,
}

impl StoredResult for RegisteredGuest {
    fn encode(&self) -> String {
        self.id.to_string()
    }

    fn decode(text: &str) -> Result<Self, StoreError> {
        let corrupt = |_| StoreError::Corrupt { what: "a stored result", why: text.to_owned() };
        text.parse().map(|id| Self { id, row: None }).map_err(corrupt)
    }
}

impl Store {
    /// Registers a guest, or puts the guest in line. Answers after the commit.
    pub async fn register_guest(
        &self,
        request: RegisterGuest,
        caller: CommandContext<ManageRegistrations>,
    ) -> Result<Result<RegisteredGuest, RegisterGuestRefusal>, StoreError> {
        match request.workshop {
            None => Ok(Err(WorkshopInvalid.into())),
            Some(workshop) => self.lanes.submit(AtWorkshop { workshop, request }, caller.erase()).await,
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
        let mut plan = LoadPlan::default();
        plan.workshops.extend(requests.iter().filter_map(|request| request.workshop));
        plan.guests.extend(requests.iter().filter_map(|request| request.guest));
        plan.plan_guest_centers(self.authority());
        let aggregates = aggregates::load(&self.read, &plan, LockMode::None).await?;
        let now = self.clock.now();
        let answer = |request: RegisterGuest| {
            // A aggregate of its own: who is granted a seat leaves one less.
            let mut aggregate = request.workshop.and_then(|id| aggregates.get(&id)).cloned();
            let answer = decide(aggregate.as_mut(), &request, now, self.authority()).map(|_| ());
            (request, answer)
        };
        Ok(requests.into_iter().map(answer).collect())
    }
}

/// Decides on what is in the caller's power.
fn decide(
    aggregate: Option<&mut WorkshopAggregate>,
    request: &RegisterGuest,
    now: Timestamp,
    by: &Authority,
) -> Result<Transition, RegisterGuestRefusal> {
    match aggregate {
        Some(aggregate) => {
            let request = request.restrict_to(by, aggregate);
            register_guest(Some(aggregate), &request, now)
        }
        None => register_guest(None, request, now),
    }
}

struct AtWorkshop {
    workshop: WorkshopId,
    request: RegisterGuest,
}

impl Command for AtWorkshop {
    type Success = RegisteredGuest;
    type Refusal = RegisterGuestRefusal;

    fn workshop(&self) -> WorkshopId {
        self.workshop
    }

    fn fingerprint(&self) -> Fingerprint {
        self.request.fingerprint
    }

    fn plan_load(&self, plan: &mut LoadPlan) {
        plan.guests.extend(self.request.guest);
    }

    fn decide(
        &self,
        mut aggregate: Option<&mut WorkshopAggregate>,
        now: Timestamp,
        by: &Authority,
        writes: &mut Writes,
    ) -> Result<RegisteredGuest, RegisterGuestRefusal> {
        let transition = decide(aggregate.as_deref_mut(), &self.request, now, by)?;
        let id = transition.registration;
        let mut row = None;
        if let Some(aggregate) = aggregate {
            writes.note(aggregate, &[transition], by.actor());
            let begun = |registration| RegistrationRow::begun(self.workshop, registration, now);
            row = aggregate.registrations.get(&id).map(begun);
        }
        Ok(RegisteredGuest { id, row })
    }
}
