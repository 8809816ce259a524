//! What callers were told, held against what is there.

use crate::command::Command;

/// How a registration stands, as far as callers bring it.
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
            other => panic!("nobody asked for {other}"),
        }
    }
}

/// A registration that was acknowledged, as it was told of last.
#[derive(Clone, Debug)]
pub(crate) struct Known {
    pub(crate) id: String,
    pub(crate) status: Status,
    /// How it was asked for, if with a key: asked again, the answer is the same.
    pub(crate) asked: Option<(Command, String)>,
}

/// A guest at a workshop. Only one caller asks for anything here.
#[derive(Debug)]
pub(crate) struct Slot {
    pub(crate) workshop: usize,
    pub(crate) guest: String,
    /// All registrations that were acknowledged; each but the last is cancelled.
    pub(crate) known: Vec<Known>,
    /// What may have been done or may yet be, and nobody will ask for again. Nothing more is asked for here.
    pub(crate) doubt: Option<Command>,
}

/// What is there that should not be, or not there that should.
#[derive(Debug, Default, Eq, PartialEq)]
pub(crate) struct Verdict {
    /// Acknowledged, and not there.
    pub(crate) lost: Vec<String>,
    /// There, and neither acknowledged nor in doubt.
    pub(crate) doubled: Vec<String>,
}

impl Slot {
    pub(crate) fn new(workshop: usize, guest: String) -> Self {
        Self { workshop, guest, known: Vec::new(), doubt: None }
    }

    pub(crate) fn last(&self) -> Option<&Known> {
        self.known.last()
    }

    /// Holds what is there against what was acknowledged, and keeps how things stand by now.
    pub(crate) fn examine(&mut self, found: &[(String, Status)], verdict: &mut Verdict) {
        let doubt = self.doubt;
        let may_be = |known: &Known, found: Status| {
            found == known.status
                // Somebody gave up a seat.
                || (known.status == Status::Waitlisted && found == Status::Registered)
                || doubt.and_then(Command::leads_to) == Some(found)
        };
        for known in &mut self.known {
            match found.iter().find(|(id, _)| *id == known.id) {
                Some((_, status)) if may_be(known, *status) => known.status = *status,
                other => verdict.lost.push(format!("{known:?} in doubt {doubt:?}: {other:?}")),
            }
        }
        let unknown: Vec<_> = found.iter().filter(|(id, _)| self.known.iter().all(|known| known.id != *id)).collect();
        let live = found.iter().filter(|(_, status)| *status != Status::Cancelled).count();
        if unknown.len() > usize::from(matches!(doubt, Some(Command::Register { .. }))) || live > 1 {
            verdict.doubled.push(format!("{self:?}: {found:?}"));
        }
    }
}

#[test]
fn what_is_lost_or_doubled_is_seen() {
    let known = |status| Known { id: "a".to_owned(), status, asked: None };
    let told = |known: &[Known], doubt, found: &[(&str, Status)]| {
        let mut slot = Slot { known: known.to_vec(), doubt, ..Slot::new(0, "ann".to_owned()) };
        let found: Vec<_> = found.iter().map(|(id, status)| ((*id).to_owned(), *status)).collect();
        let mut verdict = Verdict::default();
        slot.examine(&found, &mut verdict);
        (verdict.lost.len(), verdict.doubled.len())
    };
    let (waits, seated, gone) = (Status::Waitlisted, Status::Registered, Status::Cancelled);
    let register = Some(Command::Register { waitlist: false });
    for (known, doubt, found, expected) in [
        (&[known(seated)][..], None, &[("a", seated)][..], (0, 0)),
        (&[known(waits)], None, &[("a", seated)], (0, 0)),
        (&[known(seated)], Some(Command::Cancel), &[("a", gone)], (0, 0)),
        (&[], register, &[], (0, 0)),
        (&[known(gone)], register, &[("a", gone), ("b", seated)], (0, 0)),
        (&[known(seated)], None, &[], (1, 0)),
        (&[known(seated)], None, &[("a", waits)], (1, 0)),
        (&[known(gone)], None, &[("a", seated)], (1, 0)),
        (&[known(seated)], None, &[("a", gone)], (1, 0)),
        (&[known(gone)], None, &[("a", gone), ("b", seated)], (0, 1)),
        (&[], register, &[("a", gone), ("b", seated)], (0, 1)),
    ] {
        assert_eq!(told(known, doubt, found), expected, "{known:?} in doubt {doubt:?}: {found:?}");
    }
}
