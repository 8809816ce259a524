//! What can be done to a workshop of a few seats, and any of it at random.

use proptest::prelude::*;

/// Something to do, about one of a few guests.
#[derive(Clone, Copy, Debug)]
pub(super) enum Step {
    Register {
        guest: usize,
        track: usize,
        waitlist: bool,
    },
    Cancel {
        guest: usize,
    },
    CheckIn {
        guest: usize,
    },
    UndoCheckIn {
        guest: usize,
    },
    MarkNoShow {
        guest: usize,
    },
    Promote {
        guest: usize,
    },
    ChangeTrack {
        guest: usize,
        track: usize,
    },
    /// Three guests in a row, each alone or all or none.
    RegisterTogether {
        first: usize,
        track: usize,
        all: bool,
    },
    Capacity {
        seats: usize,
    },
    TrackCapacity {
        track: usize,
        seats: usize,
    },
    CancelWorkshop,
    /// An hour passes, once.
    Start,
    /// Another limit of the line.
    Line {
        limit: usize,
    },
    /// The line is closed or opened.
    Waitlist {
        enabled: bool,
    },
    /// The registration window is closed, or follows the first session again.
    Window {
        closed: bool,
    },
    /// One more session, at this hour.
    AddSession {
        hour: usize,
    },
    MoveSession {
        which: usize,
        hour: usize,
    },
    CancelSession {
        which: usize,
    },
    RemoveTrack {
        track: usize,
    },
    /// What is edited without any effect on seats: published again, one more track, another name for a guest.
    Publish,
    AddTrack,
    Rename {
        guest: usize,
    },
}

pub(super) const GUESTS: usize = 7;
/// Seats of the workshop, of its tracks, and of its line.
pub(super) const CAPACITY: usize = 4;
pub(super) const TRACKS: [Option<usize>; 3] = [None, Some(1), Some(2)];
pub(super) const LINE: usize = 3;

pub(super) fn any_step() -> impl Strategy<Value = Step> {
    let (guest, track) = (0..GUESTS, 0..TRACKS.len());
    let hour = 0..4_usize;
    let edit = prop_oneof![
        1 => (0..5_usize).prop_map(|limit| Step::Line { limit }),
        1 => any::<bool>().prop_map(|enabled| Step::Waitlist { enabled }),
        1 => any::<bool>().prop_map(|closed| Step::Window { closed }),
        1 => hour.clone().prop_map(|hour| Step::AddSession { hour }),
        2 => (0..3_usize, hour).prop_map(|(which, hour)| Step::MoveSession { which, hour }),
        1 => (0..3_usize).prop_map(|which| Step::CancelSession { which }),
        1 => (1..TRACKS.len()).prop_map(|track| Step::RemoveTrack { track }),
        1 => Just(Step::Publish),
        1 => Just(Step::AddTrack),
        1 => guest.clone().prop_map(|guest| Step::Rename { guest }),
        4 => (1..7_usize).prop_map(|seats| Step::Capacity { seats }),
        4 => (1..TRACKS.len(), 0..4_usize).prop_map(|(track, seats)| Step::TrackCapacity { track, seats }),
    ];
    prop_oneof![
        18 => (guest.clone(), track.clone(), any::<bool>())
            .prop_map(|(guest, track, waitlist)| Step::Register { guest, track, waitlist }),
        12 => guest.clone().prop_map(|guest| Step::Cancel { guest }),
        6 => guest.clone().prop_map(|guest| Step::CheckIn { guest }),
        3 => guest.clone().prop_map(|guest| Step::UndoCheckIn { guest }),
        3 => guest.clone().prop_map(|guest| Step::MarkNoShow { guest }),
        3 => guest.clone().prop_map(|guest| Step::Promote { guest }),
        6 => (guest.clone(), track.clone()).prop_map(|(guest, track)| Step::ChangeTrack { guest, track }),
        3 => (guest, track, any::<bool>())
            .prop_map(|(first, track, all)| Step::RegisterTogether { first, track, all }),
        12 => edit,
        2 => Just(Step::Start),
        1 => Just(Step::CancelWorkshop),
    ]
}
