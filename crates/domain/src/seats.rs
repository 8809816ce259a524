/// The seats of a workshop or of a track.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Seats {
    /// The number of seats; `None` is unlimited.
    pub capacity: Option<u32>,
    /// The seats that guests hold.
    pub taken: u32,
}

impl Seats {
    /// The free seats; `None` is unlimited.
    pub fn available(&self) -> Option<u32> {
        self.capacity.map(|capacity| capacity.saturating_sub(self.taken))
    }

    /// Whether the capacity is higher than before.
    pub fn is_raised_from(&self, before: Option<u32>) -> bool {
        before.is_some_and(|before| self.capacity.is_none_or(|capacity| capacity > before))
    }

    /// Whether at least one seat is free.
    pub fn has_free_seat(&self) -> bool {
        self.available() != Some(0)
    }
}

/// The settings and the length of a waitlist.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Waitlist {
    /// Whether the workshop has a waitlist.
    pub enabled: bool,
    /// The maximum number of guests on it; `None` is unlimited.
    pub limit: Option<u32>,
    /// The guests on it.
    pub length: u32,
}

impl Waitlist {
    /// Whether the limit is reached.
    pub fn is_full(&self) -> bool {
        self.limit.is_some_and(|limit| self.length >= limit)
    }
}
