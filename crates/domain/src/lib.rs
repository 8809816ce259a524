//! The rule book of Atelier: what a workshop, a registration and a refusal are, and who is admitted when.
//!
//! Nothing here does I/O or reads a clock: a rule takes a snapshot and an instant and answers with data.
//! The same rule therefore decides inside the writing transaction and answers "could I?" beforehand.

pub mod access;
mod actor;
mod api_key;
mod center;
pub mod commands;
mod contact;
mod editable_workshop;
mod external_id;
mod fingerprint;
#[cfg(test)]
mod fixtures;
mod guest;
mod idempotency;
mod ids;
mod input_validator;
mod patch;
mod period;
pub mod problems;
mod registration;
mod search;
mod seats;
mod workshop;
mod workshop_aggregate;

pub use actor::{Actor, PersonDigest};
pub use api_key::{
    ApiKeyForm, ApiKeyMalformed, ApiKeyName, ApiKeyPrefix, ApiKeyText, GrantForm, KeyDigest, Overlap, OverlapInvalid,
    Term,
};
pub use center::{CenterChanges, CenterDetails, CenterForm};
pub use contact::{Email, EmailMalformed, Name, NameMalformed, Phone, PhoneMalformed, TimeZone, TimeZoneUnknown};
pub use editable_workshop::{EditContext, EditableWorkshop, Session, SessionDraft, TrackDraft};
pub use external_id::{ExternalId, ExternalIdMalformed};
pub use fingerprint::{Fingerprint, FingerprintInputs, FingerprintValue};
pub use guest::{GuestChanges, GuestDetails, GuestForm, HomeCenter};
pub use idempotency::{IdempotencyKey, IdempotencyKeyMalformed};
pub use ids::{ApiKeyId, CenterId, GuestId, JournalEntryId, NodeId, RegistrationId, SessionId, TrackId, WorkshopId};
pub use input_validator::{InputValidator, WriteMode};
pub use patch::Patch;
pub use period::{ClockOffset, Period, PeriodInvalid};
pub use problems::Problem;
pub use registration::{ChangeKind, Registration, RegistrationStatus, Standing, Transition, WaitlistNumber};
pub use search::{SearchText, SearchTextTooLong, sort_key, words};
pub use seats::{Seats, Waitlist};
pub use workshop::{RegistrationState, Stage, Window, Workshop, WorkshopStatus};
pub use workshop_aggregate::WorkshopAggregate;

/// An instant in UTC, kept to the microsecond (what both databases can store).
pub type Timestamp = chrono::DateTime<chrono::Utc>;

/// A closed set whose members are stored, and sent over the documented HTTP call, as numbers.
pub trait Numbered: Copy + 'static {
    /// What a number outside of the set is called in a fault, for example "registration status".
    const NAME: &'static str;
    /// The number of this member; it never changes once it was released.
    fn number(self) -> i16;
    /// The member with this number.
    fn from_number(number: i16) -> Option<Self>;
}

/// Writes an enum and its numbers once.
macro_rules! numbered {
    ($(#[$doc:meta])* $name:ident, $called:literal { $($(#[$member_doc:meta])* $member:ident = $number:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
        pub enum $name {
            $($(#[$member_doc])* $member),+
        }

        impl crate::Numbered for $name {
            const NAME: &'static str = $called;

            fn number(self) -> i16 {
                match self { $(Self::$member => $number),+ }
            }

            fn from_number(number: i16) -> Option<Self> {
                match number { $($number => Some(Self::$member),)+ _ => None }
            }
        }
    };
}
pub(crate) use numbered;
