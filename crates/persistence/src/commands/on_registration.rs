use domain::{
    ChangeKind, Fingerprint, RegistrationId, Timestamp, WorkshopAggregate, WorkshopId, access::Authority,
    commands::OnRegistration,
};

use super::{Command, CommandContext, StoredResult};
use crate::{
    Store, StoreError,
    aggregates::{LoadPlan, writes::Writes},
};

/// A command about one registration is settled.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ChangedRegistration {
    /// The registration it was about.
    pub registration: RegistrationId,
    /// Those who got a seat from the line through it, first in line first.
    pub promoted: Vec<RegistrationId>,
}

impl StoredResult for ChangedRegistration {
    fn encode(&self) -> String {
        let ids = std::iter::once(&self.registration).chain(&self.promoted);
        ids.map(ToString::to_string).collect::<Vec<_>>().join(" ")
    }

    fn decode(text: &str) -> Result<Self, StoreError> {
        let corrupt = || StoreError::Corrupt { what: "a stored result", why: text.to_owned() };
        let mut ids = text.split(' ').map(|id| id.parse::<RegistrationId>().map_err(|_| corrupt()));
        let registration = ids.next().ok_or_else(corrupt)??;
        Ok(Self { registration, promoted: ids.collect::<Result<_, _>>()? })
    }
}

impl Store {
    /// Settles a command about a registration. Answers after the commit.
    pub async fn change_registration<C: OnRegistration>(
        &self,
        command: C,
        caller: CommandContext<C::Permission>,
    ) -> Result<Result<ChangedRegistration, C::Refusal>, StoreError> {
        self.change_registration_where(command, caller, |_| true).await
    }

    /// The same for a registration to this workshop (`None`: an id that names nothing): another one is not there.
    pub async fn change_registration_of<C: OnRegistration>(
        &self,
        workshop: Option<WorkshopId>,
        command: C,
        caller: CommandContext<C::Permission>,
    ) -> Result<Result<ChangedRegistration, C::Refusal>, StoreError> {
        self.change_registration_where(command, caller, |its| workshop == Some(its)).await
    }

    async fn change_registration_where<C: OnRegistration>(
        &self,
        command: C,
        caller: CommandContext<C::Permission>,
        is_meant: impl Fn(WorkshopId) -> bool,
    ) -> Result<Result<ChangedRegistration, C::Refusal>, StoreError> {
        let Some(registration) = command.registration() else { return Ok(Err(C::no_such_registration())) };
        // A registration never goes to another workshop, center or guest, so this can be read before the workshop is held.
        // One that the caller does not see is not there.
        let found = self.view(caller.permit.authority().clone()).registrations(&[registration]).await?;
        let Some(row) = found.first() else { return Ok(Err(C::no_such_registration())) };
        let workshop = WorkshopId::from_uuid(row.workshop_id);
        if !is_meant(workshop) {
            return Ok(Err(C::no_such_registration()));
        }
        self.lanes.submit(AtWorkshop { workshop, registration, command }, caller.erase()).await
    }
}

struct AtWorkshop<C> {
    workshop: WorkshopId,
    registration: RegistrationId,
    command: C,
}

impl<C: OnRegistration> Command for AtWorkshop<C> {
    type Success = ChangedRegistration;
    type Refusal = C::Refusal;

    fn workshop(&self) -> WorkshopId {
        self.workshop
    }

    fn fingerprint(&self) -> Fingerprint {
        self.command.fingerprint()
    }

    fn plan_load(&self, plan: &mut LoadPlan) {
        plan.registrations.insert(self.registration);
        plan.releases += u32::from(self.command.may_free_a_seat());
    }

    fn decide(
        &self,
        aggregate: Option<&mut WorkshopAggregate>,
        now: Timestamp,
        by: &Authority,
        writes: &mut Writes,
    ) -> Result<ChangedRegistration, C::Refusal> {
        let aggregate = aggregate.ok_or_else(C::no_such_registration)?;
        let transitions = self.command.decide(self.registration, aggregate, now)?;
        writes.note(aggregate, &transitions, by.actor());
        let promoted = transitions.iter().filter(|transition| {
            transition.kind == ChangeKind::Promoted
                && transition.registration != self.registration
                && aggregate.is_visible_to(by, transition.registration)
        });
        Ok(ChangedRegistration {
            registration: self.registration,
            promoted: promoted.map(|each| each.registration).collect(),
        })
    }
}
