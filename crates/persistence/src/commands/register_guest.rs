use domain::{
    Fingerprint, RegistrationId, Timestamp, WorkshopAggregate, WorkshopId,
    access::{Authority, ManageRegistrations},
    commands::register_guest::{RegisterGuest, RegisterGuestRefusal, register_guest},
    problems::WorkshopInvalid,
};

use super::{Command, CommandContext, StoredResult};
use crate::{
    RegistrationRow, Store, StoreError, View,
    aggregates::{self, Aggregates, LoadPlan},
    database::{row_lock::LockMode, transaction::ReconnectPolicy},
};

/// A registration that was granted a seat or joined the waitlist.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RegisteredGuest {
    /// The registration.
    pub id: RegistrationId,
    /// The row at the time of the decision; `None` for a repeated request under an idempotency key.
    pub row: Option<RegistrationRow>,
}

impl StoredResult for RegisteredGuest {
    fn encode(&self) -> String {
        self.id.to_string()
    }

    fn decode(text: &str) -> Option<Self> {
        text.parse().map(|id| Self { id, row: None }).ok()
    }
}

impl Store {
    /// Registers a guest, or adds the guest to the waitlist. Returns after the commit.
    pub async fn register_guest(
        &self,
        request: RegisterGuest,
        context: CommandContext<ManageRegistrations>,
    ) -> Result<Result<RegisteredGuest, RegisterGuestRefusal>, StoreError> {
        match request.workshop {
            None => Ok(Err(WorkshopInvalid.into())),
            Some(workshop) => self.lanes.submit(QueuedRegistration { workshop, request }, context.erase()).await,
        }
    }
}

impl View {
    /// The present result of [`Store::register_guest`] for each of these requests, as if it were the only one. The same
    /// rule decides. Writes nothing and reserves nothing.
    pub async fn would_register_guests(
        &self,
        requests: Vec<RegisterGuest>,
    ) -> Result<Vec<(RegisterGuest, Result<(), RegisterGuestRefusal>)>, StoreError> {
        let mut plan = LoadPlan::default();
        plan.workshops.extend(requests.iter().filter_map(|request| request.workshop));
        plan.guests.extend(requests.iter().filter_map(|request| request.guest));
        plan.plan_guest_centers(self.authority());
        let aggregates = self.load_aggregates(&plan).await?;
        let now = self.clock.now();
        let decide_alone = |request: RegisterGuest| {
            // Each request gets its own copy: granting a seat leaves one less.
            let mut aggregate = request.workshop.and_then(|id| aggregates.get(&id)).cloned();
            let result = decide(aggregate.as_mut(), &request, now, self.authority());
            (request, result)
        };
        Ok(requests.into_iter().map(decide_alone).collect())
    }

    /// Loads the workshops of a plan as of one moment: the rule must not see a change of the workshop without that of its
    /// registrations.
    async fn load_aggregates(&self, plan: &LoadPlan) -> Result<Aggregates, StoreError> {
        let load = || async {
            let snapshot = self.read.begin_snapshot().await?;
            let loaded = aggregates::load(&snapshot, plan, LockMode::None).await?;
            snapshot.commit().await?;
            Ok(loaded.aggregates)
        };
        let reconnect = ReconnectPolicy::start();
        loop {
            match load().await {
                Err(fault) if reconnect.should_retry(&fault) => {}
                result => return result,
            }
        }
    }
}

/// Decides on the request, restricted to the caller's authority.
fn decide(
    aggregate: Option<&mut WorkshopAggregate>,
    request: &RegisterGuest,
    now: Timestamp,
    by: &Authority,
) -> Result<(), RegisterGuestRefusal> {
    match aggregate {
        Some(aggregate) => {
            let request = request.restrict_to(by, aggregate);
            register_guest(Some(aggregate), &request, now)
        }
        None => register_guest(None, request, now),
    }
}

/// The registration of a guest in a lane.
pub(crate) struct QueuedRegistration {
    pub(crate) workshop: WorkshopId,
    pub(crate) request: RegisterGuest,
}

impl Command for QueuedRegistration {
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
    ) -> Result<RegisteredGuest, RegisterGuestRefusal> {
        decide(aggregate.as_deref_mut(), &self.request, now, by)?;
        let id = self.request.registration;
        let registration = aggregate.and_then(|aggregate| aggregate.registration(id));
        let row = registration.map(|registration| RegistrationRow::new(self.workshop, registration, now));
        Ok(RegisteredGuest { id, row })
    }
}
