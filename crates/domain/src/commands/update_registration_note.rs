//! Replaces the note of a registration.

use super::{OnRegistration, refusal, targets::on_registration};
use crate::{RegistrationId, Timestamp, WorkshopAggregate, access::OperateFrontDesk, problems::RegistrationIdInvalid};

/// Replaces the note of a registration, in every state.
#[derive(Clone, Debug)]
pub struct UpdateRegistrationNote {
    /// The registration; `None` if the id is malformed.
    pub registration: Option<RegistrationId>,
    /// The new note, at most 2,000 characters; `None` removes the note.
    pub note: Option<String>,
}

refusal! {
    /// The problems of this command, in the order of the checks.
    UpdateRegistrationNoteRefusal {
        InputInvalid,
        RegistrationIdInvalid,
        IdempotencyKeyReused,
    }
}

impl OnRegistration for UpdateRegistrationNote {
    type Permission = OperateFrontDesk;
    type Refusal = UpdateRegistrationNoteRefusal;

    on_registration!("updateRegistrationNote", RegistrationIdInvalid, note: "note");

    fn decide(
        &self,
        id: RegistrationId,
        aggregate: &mut WorkshopAggregate,
        _now: Timestamp,
    ) -> Result<(), UpdateRegistrationNoteRefusal> {
        let registration = aggregate.registration(id).ok_or(RegistrationIdInvalid)?;
        if registration.note != self.note {
            aggregate.set_note(id, self.note.clone());
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        ChangeKind, RegistrationStatus,
        fixtures::{NOW, aggregate, at, registration},
    };

    fn update(aggregate: &mut WorkshopAggregate, note: Option<&str>) -> Vec<ChangeKind> {
        let command = UpdateRegistrationNote { registration: None, note: note.map(str::to_owned) };
        command.decide(registration(1), aggregate, at(NOW)).unwrap();
        aggregate.take_transitions().iter().map(|transition| transition.kind).collect()
    }

    #[test]
    fn a_note_is_set_replaced_and_removed_and_the_status_stays() {
        let mut aggregate = aggregate().with_waitlisted_guest(1, 1);
        for note in [Some("Vegetarian"), Some("Vegan"), None] {
            assert_eq!(update(&mut aggregate, note), [ChangeKind::NoteUpdated]);
            let registration = aggregate.registration(registration(1)).unwrap();
            assert_eq!(registration.note.as_deref(), note);
            assert_eq!(registration.standing.status(), RegistrationStatus::Waitlisted);
        }
    }

    #[test]
    fn an_update_to_the_same_note_changes_nothing() {
        let mut aggregate = aggregate().with_seated_guest(1, 1);
        assert_eq!(update(&mut aggregate, None), []);
        update(&mut aggregate, Some("Vegan"));
        assert_eq!(update(&mut aggregate, Some("Vegan")), []);
    }
}
