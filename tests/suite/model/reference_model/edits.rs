//! Edits of the workshop.

use super::{super::operation::Edit, Outcome, ReferenceModel};

/// An edit that promotes no guest.
pub(super) const EDITED: Outcome = Ok(("EDITED", Vec::new()));

/// An edit that promotes these guests.
#[expect(clippy::unnecessary_wraps, reason = "an outcome like the others")]
fn edited(promoted: Vec<usize>) -> Outcome {
    Ok(("EDITED", promoted))
}

impl ReferenceModel {
    pub(super) fn edit(&mut self, edit: Edit) -> Outcome {
        match edit {
            Edit::TrackCapacity { track, .. } | Edit::RemoveTrack { track } if self.tracks[track].is_none() => {
                Err("TrackInvalid")
            }
            Edit::MoveSession { which, .. } if self.sessions[which % self.sessions.len()].is_none() => {
                Err("SessionInvalid")
            }
            Edit::CancelSession { which } if self.sessions[which % self.sessions.len()].is_none() => EDITED,
            Edit::CancelWorkshop => self.cancel(),
            _ if self.cancelled => Err("WorkshopNotEditable"),
            Edit::Publish | Edit::AddTrack => EDITED,
            Edit::WaitlistLimit { limit } => {
                self.waitlist_limit = limit;
                EDITED
            }
            Edit::Waitlist { enabled } => {
                self.waitlist_enabled = enabled;
                EDITED
            }
            Edit::Window { closed } => {
                self.closed = closed;
                EDITED
            }
            Edit::AddSession { hour } => edited(self.reschedule(|sessions| sessions.push(Some(hour)))),
            Edit::MoveSession { which, hour } => edited(self.reschedule(|sessions| {
                let which = which % sessions.len();
                sessions[which] = Some(hour);
            })),
            Edit::CancelSession { which } => edited(self.reschedule(|sessions| {
                let which = which % sessions.len();
                sessions[which] = None;
            })),
            Edit::RemoveTrack { track } if self.registrations.iter().any(|each| each.track == track) => {
                Err("TrackHasRegistrations")
            }
            Edit::RemoveTrack { track } => {
                self.tracks[track] = None;
                EDITED
            }
            Edit::Capacity { seats } if seats < self.seated(None) => Err("CapacityBelowTaken"),
            Edit::Capacity { seats } => {
                let raised = seats > std::mem::replace(&mut self.capacity, seats);
                Ok(("EDITED", if raised { self.promote_waiting() } else { Vec::new() }))
            }
            Edit::TrackCapacity { track, seats } if seats < self.seated(Some(track)) => Err("CapacityBelowTaken"),
            Edit::TrackCapacity { track, seats } => {
                let before = self.tracks[track].replace(Some(seats)).flatten();
                let raised = before.is_some_and(|before| seats > before);
                Ok(("EDITED", if raised { self.promote_waiting() } else { Vec::new() }))
            }
        }
    }

    fn cancel(&mut self) -> Outcome {
        self.cancelled = true;
        for each in &mut self.registrations {
            if ["REGISTERED", "WAITLISTED"].contains(&each.status) {
                each.status = "WORKSHOP_CANCELLED";
            }
        }
        EDITED
    }

    fn reschedule(&mut self, edit: impl FnOnce(&mut Vec<Option<usize>>)) -> Vec<usize> {
        let had_started = self.started();
        edit(&mut self.sessions);
        if had_started { self.promote_waiting() } else { Vec::new() }
    }
}
