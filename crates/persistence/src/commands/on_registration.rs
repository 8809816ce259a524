use domain::{
    ChangeKind, Fingerprint, RegistrationId, Timestamp, WorkshopAggregate, WorkshopId, access::Authority,
    commands::OnRegistration,
};

use super::{Command, CommandContext, StoredResult};
use crate::{Store, StoreError, aggregates::LoadPlan};

/// The result of a command that changed one registration.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ChangedRegistration {
    /// The registration that the command names.
    pub registration: RegistrationId,
    /// The registrations that the command promoted from the waitlist, in the order of the waitlist. A command can promote the
    /// registration that it names.
    pub promoted: Vec<RegistrationId>,
}

impl StoredResult for ChangedRegistration {
    fn encode(&self) -> String {
        let ids = std::iter::once(&self.registration).chain(&self.promoted);
        ids.map(ToString::to_string).collect::<Vec<_>>().join(" ")
    }

    fn decode(text: &str) -> Option<Self> {
        let mut ids = text.split(' ').map(|id| id.parse().ok());
        Some(Self { registration: ids.next()??, promoted: ids.collect::<Option<_>>()? })
    }
}

impl Store {
    /// Runs a command on a registration. Returns after the commit.
    pub async fn change_registration<C: OnRegistration>(
        &self,
        command: C,
        context: CommandContext<C::Permission>,
    ) -> Result<Result<ChangedRegistration, C::Refusal>, StoreError> {
        self.change_registration_where(command, context, |_| true).await
    }

    /// The same for a registration to this workshop (`None`: an unknown id). Registrations to others count as unknown.
    pub async fn change_registration_of<C: OnRegistration>(
        &self,
        workshop: Option<WorkshopId>,
        command: C,
        context: CommandContext<C::Permission>,
    ) -> Result<Result<ChangedRegistration, C::Refusal>, StoreError> {
        self.change_registration_where(command, context, |actual| workshop == Some(actual)).await
    }

    async fn change_registration_where<C: OnRegistration>(
        &self,
        command: C,
        context: CommandContext<C::Permission>,
        accepts: impl Fn(WorkshopId) -> bool,
    ) -> Result<Result<ChangedRegistration, C::Refusal>, StoreError> {
        let Some(registration) = command.registration() else { return Ok(Err(C::no_such_registration())) };
        // A registration never moves to another workshop, center or guest, so this is read before the lock. A registration
        // that the caller cannot see counts as unknown.
        let rows = self.view(context.permit.authority().clone()).registrations(&[registration]).await?;
        let Some(row) = rows.first() else { return Ok(Err(C::no_such_registration())) };
        let workshop = WorkshopId::from_uuid(row.workshop_id);
        if !accepts(workshop) {
            return Ok(Err(C::no_such_registration()));
        }
        self.lanes.submit(QueuedChange { workshop, registration, command }, context.erase()).await
    }
}

struct QueuedChange<C> {
    workshop: WorkshopId,
    registration: RegistrationId,
    command: C,
}

impl<C: OnRegistration> Command for QueuedChange<C> {
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
    ) -> Result<ChangedRegistration, C::Refusal> {
        let aggregate = aggregate.ok_or_else(C::no_such_registration)?;
        self.command.decide(self.registration, aggregate, now)?;
        let promoted = aggregate.transitions().iter().filter(|transition| {
            transition.kind == ChangeKind::Promoted && aggregate.is_visible_to(by, transition.registration)
        });
        Ok(ChangedRegistration {
            registration: self.registration,
            promoted: promoted.map(|transition| transition.registration).collect(),
        })
    }
}
