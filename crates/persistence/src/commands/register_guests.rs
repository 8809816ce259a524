use domain::{
    Desk, Fingerprint, RegistrationId, Timestamp, WorkshopId,
    access::{Authority, FrontDesk},
    commands::register_guests::{Each, RegisterGuests, RegisterGuestsRefusal, register_guests},
};

use super::{Caller, Command, Keepable};
use crate::{Store, StoreError, desks::Questions, writes::Writes};

impl Keepable for Each<RegistrationId> {
    fn keep(&self) -> String {
        // An array of what is either an id or a problem can always be written.
        serde_json::to_string(self).unwrap_or_default()
    }

    fn recall(text: &str) -> Result<Self, StoreError> {
        serde_json::from_str(text)
            .map_err(|error| StoreError::Corrupt { what: "a kept result", why: error.to_string() })
    }
}

impl Store {
    /// Registers guests, in one transaction. Answers after the commit.
    pub async fn register_guests(
        &self,
        command: RegisterGuests,
        caller: Caller<FrontDesk>,
    ) -> Result<Result<Each<RegistrationId>, RegisterGuestsRefusal>, StoreError> {
        match command.workshop {
            None => {
                let each = register_guests(None, &command, self.clock.now());
                Ok(each.map(ids).map_err(Into::into))
            }
            Some(workshop) => self.lanes.submit(AtWorkshop { workshop, command }, caller.behalf()).await,
        }
    }
}

fn ids(each: Each<domain::Transition>) -> Each<RegistrationId> {
    each.into_iter().map(|outcome| outcome.map(|transition| transition.registration)).collect()
}

struct AtWorkshop {
    workshop: WorkshopId,
    command: RegisterGuests,
}

impl Command for AtWorkshop {
    type Success = Each<RegistrationId>;
    type Refusal = RegisterGuestsRefusal;

    fn workshop(&self) -> WorkshopId {
        self.workshop
    }

    fn fingerprint(&self) -> Fingerprint {
        self.command.fingerprint()
    }

    fn ask(&self, questions: &mut Questions) {
        questions.guests.extend(self.command.requests.iter().flatten().filter_map(|request| request.guest));
    }

    fn decide(
        &self,
        mut desk: Option<&mut Desk>,
        now: Timestamp,
        by: &Authority,
        writes: &mut Writes,
    ) -> Result<Self::Success, RegisterGuestsRefusal> {
        let command = match &desk {
            Some(desk) => self.command.within(by, desk),
            None => self.command.clone(),
        };
        let each = register_guests(desk.as_deref_mut(), &command, now)?;
        if let Some(desk) = desk {
            let transitions: Vec<_> = each.iter().flatten().copied().collect();
            writes.note(desk, &transitions, by.actor());
        }
        Ok(ids(each))
    }
}
