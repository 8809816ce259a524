use domain::{
    Fingerprint, RegistrationId, Timestamp, WorkshopAggregate, WorkshopId,
    access::{Authority, OperateFrontDesk},
    commands::register_guests::{PerGuest, RegisterGuests, RegisterGuestsRefusal, register_guests},
};

use super::{Command, CommandContext, StoredResult};
use crate::{
    Store, StoreError,
    aggregates::{LoadPlan, writes::Writes},
};

impl StoredResult for PerGuest<RegistrationId> {
    fn encode(&self) -> String {
        // An array of what is either an id or a problem can always be written.
        serde_json::to_string(self).unwrap_or_default()
    }

    fn decode(text: &str) -> Result<Self, StoreError> {
        serde_json::from_str(text)
            .map_err(|error| StoreError::Corrupt { what: "a stored result", why: error.to_string() })
    }
}

impl Store {
    /// Registers guests, in one transaction. Answers after the commit.
    pub async fn register_guests(
        &self,
        command: RegisterGuests,
        caller: CommandContext<OperateFrontDesk>,
    ) -> Result<Result<PerGuest<RegistrationId>, RegisterGuestsRefusal>, StoreError> {
        match command.workshop {
            None => {
                let each = register_guests(None, &command, self.clock.now());
                Ok(each.map(ids).map_err(Into::into))
            }
            Some(workshop) => self.lanes.submit(AtWorkshop { workshop, command }, caller.erase()).await,
        }
    }
}

fn ids(each: PerGuest<domain::Transition>) -> PerGuest<RegistrationId> {
    each.into_iter().map(|outcome| outcome.map(|transition| transition.registration)).collect()
}

struct AtWorkshop {
    workshop: WorkshopId,
    command: RegisterGuests,
}

impl Command for AtWorkshop {
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
        mut aggregate: Option<&mut WorkshopAggregate>,
        now: Timestamp,
        by: &Authority,
        writes: &mut Writes,
    ) -> Result<Self::Success, RegisterGuestsRefusal> {
        let command = match &aggregate {
            Some(aggregate) => self.command.restrict_to(by, aggregate),
            None => self.command.clone(),
        };
        let each = register_guests(aggregate.as_deref_mut(), &command, now)?;
        if let Some(aggregate) = aggregate {
            let transitions: Vec<_> = each.iter().flatten().copied().collect();
            writes.note(aggregate, &transitions, by.actor());
        }
        Ok(ids(each))
    }
}
