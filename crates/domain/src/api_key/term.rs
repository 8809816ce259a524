use chrono::TimeDelta;

use crate::Timestamp;

/// The lifetime of a key.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Term {
    /// The first instant at which the key is invalid; `None` is never.
    pub expires_at: Option<Timestamp>,
    /// The instant of the revocation.
    pub revoked_at: Option<Timestamp>,
}

/// The time for which a replaced key stays valid beside the new one.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Overlap(TimeDelta);

/// An overlap that is negative or too long.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("The old key stays valid for 0 to 720 hours (30 days).")]
pub struct OverlapInvalid;

impl Term {
    /// Whether the key is valid.
    pub fn is_active(self, now: Timestamp) -> bool {
        self.revoked_at.is_none() && self.expires_at.is_none_or(|expires_at| now < expires_at)
    }

    /// The lifetime of a replaced key: it ends after the overlap, and no later than before.
    #[must_use]
    pub fn with_overlap(self, overlap: Overlap, now: Timestamp) -> Self {
        let end = now + overlap.0;
        Self { expires_at: Some(self.expires_at.map_or(end, |expires_at| expires_at.min(end))), ..self }
    }
}

impl Overlap {
    /// An overlap of 0 to 720 hours.
    pub fn from_hours(hours: i32) -> Result<Self, OverlapInvalid> {
        if (0..=720).contains(&hours) { Ok(Self(TimeDelta::hours(hours.into()))) } else { Err(OverlapInvalid) }
    }
}

/// 24 hours.
impl Default for Overlap {
    fn default() -> Self {
        Self(TimeDelta::hours(24))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{NOW, at};

    #[test]
    fn a_key_is_valid_until_it_expires_or_is_revoked() {
        let until = |expires_at| Term { expires_at: Some(expires_at), revoked_at: None };
        assert!(Term::default().is_active(at(NOW)));
        assert!(until(at(NOW) + TimeDelta::microseconds(1)).is_active(at(NOW)));
        assert!(!until(at(NOW)).is_active(at(NOW)));
        assert!(!Term { expires_at: None, revoked_at: Some(at(NOW)) }.is_active(at(NOW)));
    }

    #[test]
    fn a_replaced_key_ends_after_the_overlap_and_no_later_than_before() {
        let day = at(NOW) + TimeDelta::days(1);
        let replaced = |expires_at| Term { expires_at, revoked_at: None }.with_overlap(Overlap::default(), at(NOW));
        assert_eq!(replaced(None).expires_at, Some(day));
        assert_eq!(replaced(Some(day + TimeDelta::days(9))).expires_at, Some(day));
        assert_eq!(replaced(Some(at(NOW))).expires_at, Some(at(NOW)));
        let at_once = Term::default().with_overlap(Overlap::from_hours(0).unwrap(), at(NOW));
        assert!(!at_once.is_active(at(NOW)));
    }

    #[test]
    fn an_overlap_has_a_limit() {
        assert!(Overlap::from_hours(720).is_ok());
        for hours in [-1, 721, i32::MIN, i32::MAX] {
            assert_eq!(Overlap::from_hours(hours), Err(OverlapInvalid));
        }
    }
}
