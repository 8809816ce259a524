/// Seats of a workshop or of a track.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Seats {
    /// Seats in all; `None` is unlimited.
    pub capacity: Option<u32>,
    /// Seats held by somebody.
    pub taken: u32,
}

impl Seats {
    /// Seats nobody holds; `None` is unlimited.
    pub fn available(&self) -> Option<u32> {
        self.capacity.map(|capacity| capacity.saturating_sub(self.taken))
    }

    /// Whether there are more seats in all than there were.
    pub fn is_raised_from(&self, before: Option<u32>) -> bool {
        before.is_some_and(|before| self.capacity.is_none_or(|capacity| capacity > before))
    }

    /// Whether one more guest can sit down.
    pub fn has_room(&self) -> bool {
        self.available() != Some(0)
    }
}

/// The line of a workshop.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Waitlist {
    /// Whether the workshop keeps a waitlist at all.
    pub enabled: bool,
    /// The longest it may grow; `None` is unlimited.
    pub limit: Option<u32>,
    /// Guests in line.
    pub length: u32,
}

impl Waitlist {
    /// Whether the limit is reached.
    pub fn is_full(&self) -> bool {
        self.limit.is_some_and(|limit| self.length >= limit)
    }
}
