//! The only crate that knows SQL.
//!
//! [`Store`] is the door: writes go through the lanes (one transaction per batch, decided by the rules of `domain`),
//! reads through its other methods. Nothing outside of this crate can name a transaction, a column or a database error.

mod backup;
mod callers;
mod catalogue;
mod cause;
mod clock;
mod commands;
mod connect;
mod cursor;
mod desks;
mod doctor;
#[allow(dead_code, unreachable_pub, reason = "sea-orm derives more than is used, and makes it public")]
mod entities;
mod fault;
mod idempotency;
mod journal;
mod keys;
mod keyset;
mod lane;
mod live;
mod manuscripts;
mod metrics;
mod page;
mod people;
mod placed;
mod probe;
mod queries;
mod reader;
mod rows;
mod search;
mod spans;
mod store;
mod stored;
mod together;
mod transaction;
mod view;
mod writes;

pub use backup::BackupFailed;
pub use catalogue::{NewCenter, NewGuest, NewSession, NewTrack, NewWorkshop};
pub use clock::Clock;
pub use commands::{
    Caller, create_workshop::Created, import_guests::ImportedRow, on_registration::Settled, on_workshop::Edited,
    register_guest::Registered,
};
pub use connect::{DatabaseUrl, DatabaseUrlInvalid};
pub use cursor::{Cursor, CursorInvalid};
pub use doctor::Finding;
pub use entities::{
    api_key::Model as ApiKeyRow, center::Model as CenterRow, guest::Model as GuestRow, journal::Model as ChangeRow,
    registration::Model as RegistrationRow, session::Model as SessionRow, track::Model as TrackRow,
    workshop::Model as WorkshopRow,
};
pub use fault::StoreError;
pub use keys::{HeldKey, MadeApiKey, NEWEST_FIRST};
pub use keyset::OrderField;
pub use lane::Settings as LaneSettings;
pub use live::{Followed, Seats, Watching};
pub use metrics::{Durations, Labels};
pub use page::{Direction, End, Ordering, Page, Slice, Stretch};
pub use queries::{
    AS_COMMITTED, AS_WRITTEN, CenterFilter, CenterOrder, ChangeFilter, ChangeOrder, Dates, Filter, GuestFilter,
    GuestOrder, History, Parent, Period, RegistrationFilter, RegistrationOrder, RegistrationTotals, Scope, SeatTotals,
    StatusCounts, When, WorkshopFilter, WorkshopOrder,
};
pub use spans::SPANS;
pub use store::{MigrationState, Options, RanStatement, StatementObserver, Store};
pub use stored::Stored;
pub use view::View;
