//! The only crate that contains SQL.
//!
//! [`Store`] is the entry point. Writes go through lanes (one transaction per batch, decided by the rules of `domain`),
//! reads through [`View`]. Other crates cannot name a transaction, a column or a database error.

/// From rows to the workshops that rules decide on, and back.
mod aggregates;
/// API keys: their rows, authentication, and its cache.
mod api_keys;
mod clock;
/// Commands: each makes the decision of a domain rule atomic.
mod commands;
/// Connections, migrations and backups.
mod database;
/// Checks and repairs of derived data.
mod doctor;
/// One entity per table.
#[allow(dead_code, unreachable_pub, reason = "sea-orm derives more than is used, and makes it public")]
mod entities;
mod error;
/// Results stored under idempotency keys.
mod idempotency;
/// The centers and the guest that a token names.
mod identity;
/// Writes of journal entries.
mod journal;
/// One holder at a time for each row, within this process.
mod keyed_mutex;
/// Lanes, the group-commit workers that change registrations.
mod lane;
/// Live updates for subscriptions.
mod live;
/// Metrics of the store.
mod metrics;
/// Pages of lists by keyset.
mod pagination;
/// Queries, one file per subject.
mod queries;
/// The condition on visible rows, for each table.
mod row_policy;
/// Sets of rows as parameters, decoding, and the rows of each table.
mod rows;
/// Sort keys and search words.
mod search;
/// Rows for the demo, tests and benchmarks.
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
pub use database::{BackupError, DatabaseUrl, DatabaseUrlInvalid, MigrationState};
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
pub use store::{ExecutedQuery, OpenMode, Options, QueryObserver, Store};
pub use view::View;
