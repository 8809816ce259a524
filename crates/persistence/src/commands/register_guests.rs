use domain::{
    Fingerprint, RegistrationId, Timestamp, WorkshopAggregate, WorkshopId,
    access::{Authority, OperateFrontDesk},
    commands::register_guests::{PerGuest, RegisterGuests, RegisterGuestsRefusal, register_guests},
};

use super::{Command, CommandContext, StoredResult};
use crate::{Store, StoreError, aggregates::LoadPlan};

impl StoredResult for PerGuest<RegistrationId> {
    fn encode(&self) -> String {
        // An array of ids and problems always serializes.
        serde_json::to_string(self).unwrap_or_default()
    }

    fn decode(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }
}

impl Store {
    /// Registers guests in one transaction. Returns after the commit.
    pub async fn register_guests(
        &self,
        command: RegisterGuests,
        context: CommandContext<OperateFrontDesk>,
    ) -> Result<Result<PerGuest<RegistrationId>, RegisterGuestsRefusal>, StoreError> {
        match command.workshop {
            None => Ok(register_guests(None, &command, self.clock.now()).map_err(Into::into)),
            Some(workshop) => self.lanes.submit(QueuedRegistrations { workshop, command }, context.erase()).await,
        }
    }
}

struct QueuedRegistrations {
    workshop: WorkshopId,
    command: RegisterGuests,
}

impl Command for QueuedRegistrations {
    type Success = PerGuest<RegistrationId>;
    type Refusal = RegisterGuestsRefusal;

    fn workshop(&self) -> WorkshopId {
        self.workshop
    }

    fn fingerprint(&self) -> Fingerprint {
        self.command.fingerprint()
    }

    fn plan_load(&self, plan: &mut LoadPlan) {
        plan.guests.extend(self.command.requests.iter().flatten().filter_map(|request| request.guest));
    }

    fn decide(
        &self,
        aggregate: Option<&mut WorkshopAggregate>,
        now: Timestamp,
        by: &Authority,
    ) -> Result<Self::Success, RegisterGuestsRefusal> {
        let command = match &aggregate {
            Some(aggregate) => self.command.restrict_to(by, aggregate),
            None => self.command.clone(),
        };
        Ok(register_guests(aggregate, &command, now)?)
    }
}
