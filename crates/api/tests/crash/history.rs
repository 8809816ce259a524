//! The changes that servers acknowledged, compared with the registrations in the database.

use crate::command::Command;

/// The status of a registration, as far as the workers' commands change it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Status {
    Waitlisted,
    Registered,
    SignedIn,
    Cancelled,
}

impl Status {
    pub(crate) fn parse(text: &str) -> Self {
        match text {
            "WAITLISTED" => Self::Waitlisted,
            "REGISTERED" => Self::Registered,
            "SIGNED_IN" => Self::SignedIn,
            "CANCELLED" => Self::Cancelled,
            other => panic!("no command leads to {other}"),
        }
    }
}

/// An acknowledged registration, with its last acknowledged status.
#[derive(Clone, Debug)]
pub(crate) struct Acknowledged {
    pub(crate) id: String,
    pub(crate) status: Status,
    /// The command and its idempotency key, if it had one. The same request returns the same registration again.
    pub(crate) request: Option<(Command, String)>,
}

/// The commands for one guest at one workshop. Only one worker sends them.
#[derive(Debug)]
pub(crate) struct History {
    pub(crate) workshop: usize,
    pub(crate) guest: String,
    /// All acknowledged registrations. Each one except the last is cancelled.
    pub(crate) registrations: Vec<Acknowledged>,
    /// A command with an unknown outcome that is not repeated. The worker sends no more commands here.
    pub(crate) in_doubt: Option<Command>,
}

/// Differences between the acknowledged changes and the database.
#[derive(Debug, Default, Eq, PartialEq)]
pub(crate) struct Discrepancies {
    /// Acknowledged, but not in the database.
    pub(crate) lost: Vec<String>,
    /// In the database, but neither acknowledged nor in doubt.
    pub(crate) duplicated: Vec<String>,
}

impl History {
    pub(crate) fn new(workshop: usize, guest: String) -> Self {
        Self { workshop, guest, registrations: Vec::new(), in_doubt: None }
    }

    pub(crate) fn last(&self) -> Option<&Acknowledged> {
        self.registrations.last()
    }

    /// Compares the registrations in the database with the acknowledged ones, and adopts their current status.
    pub(crate) fn compare(&mut self, stored: &[(String, Status)], discrepancies: &mut Discrepancies) {
        let in_doubt = self.in_doubt;
        let is_possible = |acknowledged: &Acknowledged, status: Status| {
            status == acknowledged.status
                // Another worker freed a seat.
                || (acknowledged.status == Status::Waitlisted && status == Status::Registered)
                || in_doubt.and_then(Command::resulting_status) == Some(status)
        };
        for acknowledged in &mut self.registrations {
            match stored.iter().find(|(id, _)| *id == acknowledged.id) {
                Some((_, status)) if is_possible(acknowledged, *status) => acknowledged.status = *status,
                other => discrepancies.lost.push(format!("{acknowledged:?}, in doubt {in_doubt:?}: {other:?}")),
            }
        }
        let is_unknown = |id: &String| self.registrations.iter().all(|acknowledged| acknowledged.id != *id);
        let unknown = stored.iter().filter(|(id, _)| is_unknown(id)).count();
        let live = stored.iter().filter(|(_, status)| *status != Status::Cancelled).count();
        if unknown > usize::from(matches!(in_doubt, Some(Command::Register { .. }))) || live > 1 {
            discrepancies.duplicated.push(format!("{self:?}: {stored:?}"));
        }
    }
}

#[test]
fn a_comparison_finds_lost_and_duplicated_registrations() {
    let acknowledged = |status| Acknowledged { id: "a".to_owned(), status, request: None };
    let compare = |registrations: &[Acknowledged], in_doubt, stored: &[(&str, Status)]| {
        let registrations = registrations.to_vec();
        let mut history = History { registrations, in_doubt, ..History::new(0, "ann".to_owned()) };
        let stored: Vec<_> = stored.iter().map(|(id, status)| ((*id).to_owned(), *status)).collect();
        let mut discrepancies = Discrepancies::default();
        history.compare(&stored, &mut discrepancies);
        (discrepancies.lost.len(), discrepancies.duplicated.len())
    };
    let (waitlisted, seated, cancelled) = (Status::Waitlisted, Status::Registered, Status::Cancelled);
    let register = Some(Command::Register { waitlist: false });
    for (registrations, in_doubt, stored, expected) in [
        (&[acknowledged(seated)][..], None, &[("a", seated)][..], (0, 0)),
        (&[acknowledged(waitlisted)], None, &[("a", seated)], (0, 0)),
        (&[acknowledged(seated)], Some(Command::Cancel), &[("a", cancelled)], (0, 0)),
        (&[], register, &[], (0, 0)),
        (&[acknowledged(cancelled)], register, &[("a", cancelled), ("b", seated)], (0, 0)),
        (&[acknowledged(seated)], None, &[], (1, 0)),
        (&[acknowledged(seated)], None, &[("a", waitlisted)], (1, 0)),
        (&[acknowledged(cancelled)], None, &[("a", seated)], (1, 0)),
        (&[acknowledged(seated)], None, &[("a", cancelled)], (1, 0)),
        (&[acknowledged(cancelled)], None, &[("a", cancelled), ("b", seated)], (0, 1)),
        (&[], register, &[("a", cancelled), ("b", seated)], (0, 1)),
    ] {
        let result = compare(registrations, in_doubt, stored);
        assert_eq!(result, expected, "{registrations:?}, in doubt {in_doubt:?}: {stored:?}");
    }
}
