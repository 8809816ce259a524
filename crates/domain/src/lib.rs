//! The rules of Atelier: who can register for a workshop, and what each command changes or refuses.
//!
//! This crate does no I/O and reads no clock. A rule takes a snapshot and an instant and returns data. The same rule
//! therefore decides in the writing transaction and predicts a decision for a query.

/// Roles, scopes and permissions: who can see and change what.
pub mod access;
/// The caller to whom the journal attributes a change.
mod actor;
/// API keys: their text, their grant and their lifetime.
mod api_key;
/// The input for a center.
mod center;
/// One file per command: its input, its refusals and its rule.
pub mod commands;
/// Validated names, email addresses, phone numbers and time zones.
mod contact;
/// A workshop with its tracks and sessions, as edits change it.
mod editable_workshop;
/// Ids from other systems.
mod external_id;
/// Digests that distinguish a retry from another request.
mod fingerprint;
/// Values that the tests share.
#[cfg(test)]
mod fixtures;
/// The input for a guest.
mod guest;
/// Keys that make a retry safe.
mod idempotency;
/// Prefixed ids.
mod ids;
/// Field-by-field validation of inputs.
mod input_validator;
/// Changes of nullable fields.
mod patch;
/// Calendar days and time zones.
mod period;
/// The problems that a command can return, one struct each.
pub mod problems;
/// Registrations and their states.
mod registration;
/// Search by words and sort order.
mod search;
/// Counters of seats and of the waitlist.
mod seats;
/// Clean texts.
mod text;
/// A workshop's state and registration window.
mod workshop;
/// A workshop with its registrations, as commands change it.
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
pub use search::{SearchText, SearchTextTooLong, search_words, sort_key};
pub use seats::{Seats, Waitlist};
pub use workshop::{RegistrationState, Stage, Window, Workshop, WorkshopStatus};
pub use workshop_aggregate::WorkshopAggregate;

/// An instant in UTC with microseconds, the precision of both databases.
pub type Timestamp = chrono::DateTime<chrono::Utc>;

/// An enum whose members are numbers in the database and in the REST API.
pub trait Numbered: Copy + 'static {
    /// The noun for a member, for error messages: "registration status".
    const NAME: &'static str;
    /// The number of this member; it never changes after a release.
    fn number(self) -> i16;
    /// The member with this number.
    fn from_number(number: i16) -> Option<Self>;
}

/// Writes an enum and its numbers once.
macro_rules! numbered {
    ($(#[$doc:meta])* $name:ident, $noun:literal { $($(#[$member_doc:meta])* $member:ident = $number:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
        pub enum $name {
            $($(#[$member_doc])* $member),+
        }

        impl crate::Numbered for $name {
            const NAME: &'static str = $noun;

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
