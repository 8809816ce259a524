//! The only crate that knows SQL.
//!
//! [`Store`] is the door: writes go through the lanes (one transaction per batch, decided by the rules of `domain`),
//! reads through its other methods. Nothing outside of this crate can name a transaction, a column or a database error.

mod aggregates;
mod api_keys;
mod clock;
mod commands;
mod database;
mod doctor;
#[allow(dead_code, unreachable_pub, reason = "sea-orm derives more than is used, and makes it public")]
mod entities;
mod error;
mod idempotency;
mod identity;
mod journal;
mod lane;
mod live;
mod metrics;
mod pagination;
mod queries;
mod rows;
mod search;
mod seed;
mod spans;
mod store;
mod view;

pub use api_keys::AuthenticatedKey;
pub use clock::Clock;
pub use commands::{
    CommandContext, create_api_key::IssuedApiKey, create_workshop::CreatedWorkshop, import_guests::ImportedRow,
    on_registration::ChangedRegistration, on_workshop::EditedWorkshop, register_guest::RegisteredGuest,
};
pub use database::{BackupFailed, DatabaseUrl, DatabaseUrlInvalid};
pub use doctor::Finding;
pub use entities::{
    api_key::Model as ApiKeyRow, center::Model as CenterRow, guest::Model as GuestRow, journal::Model as ChangeRow,
    registration::Model as RegistrationRow, session::Model as SessionRow, track::Model as TrackRow,
    workshop::Model as WorkshopRow,
};
pub use error::StoreError;
pub use lane::Settings as LaneSettings;
pub use live::{FollowerCounts, SeatUpdates, SeatsSnapshot};
pub use metrics::{Durations, Labels};
pub use pagination::{Cursor, CursorInvalid, Direction, OffsetPage, OrderField, Ordering, Page, PageEnd, Slice};
pub use queries::{
    AS_COMMITTED, AS_WRITTEN, CenterFilter, CenterOrder, ChangeFilter, ChangeOrder, DateRange, Filter, GuestFilter,
    GuestOrder, History, InstantRange, NEWEST_FIRST, Parent, RegistrationFilter, RegistrationOrder, RegistrationTotals,
    SeatTotals, StatisticsScope, StatusCounts, When, WorkshopFilter, WorkshopOrder,
};
pub use rows::{EnumColumn, NewSession, NewTrack, NewWorkshop};
pub use seed::{NewCenter, NewGuest};
pub use spans::SPANS;
pub use store::{MigrationState, Options, RanStatement, StatementObserver, Store};
pub use view::View;
