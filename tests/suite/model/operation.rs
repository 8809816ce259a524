//! Random operations on a workshop with a few seats.

use proptest::prelude::*;

/// An operation on the workshop or on one of a few guests.
#[derive(Clone, Copy, Debug)]
pub(super) enum Operation {
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
    /// Registers three consecutive guests: each one alone, or all or none.
    RegisterTogether {
        first: usize,
        track: usize,
        all: bool,
    },
    /// Renames a guest, which has no effect on seats.
    Rename {
        guest: usize,
    },
    /// Moves the clock to the start of the first session.
    Start,
    Edit(Edit),
}

/// An edit of the workshop.
#[derive(Clone, Copy, Debug)]
pub(super) enum Edit {
    Capacity {
        seats: usize,
    },
    TrackCapacity {
        track: usize,
        seats: usize,
    },
    /// Sets the limit of the waitlist.
    WaitlistLimit {
        limit: usize,
    },
    /// Enables or disables the waitlist.
    Waitlist {
        enabled: bool,
    },
    /// Closes the registration window, or opens it until the first session.
    Window {
        closed: bool,
    },
    /// Adds a session at this hour.
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
    /// Adds a track that no guest uses.
    AddTrack,
    /// Publishes the workshop, which is already published.
    Publish,
    CancelWorkshop,
}

pub(super) const GUESTS: usize = 7;
/// The seats of the workshop and of its tracks, and the limit of its waitlist.
pub(super) const CAPACITY: usize = 4;
pub(super) const TRACKS: [Option<usize>; 3] = [None, Some(1), Some(2)];
pub(super) const WAITLIST_LIMIT: usize = 3;

pub(super) fn any_operation() -> impl Strategy<Value = Operation> {
    let (guest, track) = (0..GUESTS, 0..TRACKS.len());
    let hour = 0..4_usize;
    let guest_to_rename = guest.clone().prop_map(|guest| Operation::Rename { guest });
    let edit = prop_oneof![
        1 => (0..5_usize).prop_map(|limit| Edit::WaitlistLimit { limit }),
        1 => any::<bool>().prop_map(|enabled| Edit::Waitlist { enabled }),
        1 => any::<bool>().prop_map(|closed| Edit::Window { closed }),
        1 => hour.clone().prop_map(|hour| Edit::AddSession { hour }),
        2 => (0..3_usize, hour).prop_map(|(which, hour)| Edit::MoveSession { which, hour }),
        1 => (0..3_usize).prop_map(|which| Edit::CancelSession { which }),
        1 => (1..TRACKS.len()).prop_map(|track| Edit::RemoveTrack { track }),
        1 => Just(Edit::Publish),
        1 => Just(Edit::AddTrack),
        4 => (1..7_usize).prop_map(|seats| Edit::Capacity { seats }),
        4 => (1..TRACKS.len(), 0..4_usize).prop_map(|(track, seats)| Edit::TrackCapacity { track, seats }),
    ];
    prop_oneof![
        18 => (guest.clone(), track.clone(), any::<bool>())
            .prop_map(|(guest, track, waitlist)| Operation::Register { guest, track, waitlist }),
        12 => guest.clone().prop_map(|guest| Operation::Cancel { guest }),
        6 => guest.clone().prop_map(|guest| Operation::CheckIn { guest }),
        3 => guest.clone().prop_map(|guest| Operation::UndoCheckIn { guest }),
        3 => guest.clone().prop_map(|guest| Operation::MarkNoShow { guest }),
        3 => guest.clone().prop_map(|guest| Operation::Promote { guest }),
        6 => (guest.clone(), track.clone()).prop_map(|(guest, track)| Operation::ChangeTrack { guest, track }),
        3 => (guest, track, any::<bool>())
            .prop_map(|(first, track, all)| Operation::RegisterTogether { first, track, all }),
        12 => edit.prop_map(Operation::Edit),
        2 => Just(Operation::Start),
        1 => Just(Operation::Edit(Edit::CancelWorkshop)),
        1 => guest_to_rename,
    ]
}
