//! The test harness: a server over its own database, a clock that a test sets, and clients.
//!
//! A test runs once on SQLite and once on PostgreSQL: see [`on_each_database`].
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::missing_panics_doc, missing_docs)]

mod access;
mod answer;
mod api_key;
mod app;
mod client;
mod clock;
mod database;
mod events;
mod identity_provider;
mod metrics;
mod pooler;
mod port;
mod postgres;
mod servers;
mod socket;
mod workshop;

pub use answer::Answer;
pub use api_key::{ApiKey, admin, partner, staff_of};
pub use app::{REGISTER, TestApp};
pub use client::{Client, percent_encode};
pub use clock::{TestClock, at, now};
pub use database::{Backend, Database, HeldTransaction, available, run_on};
pub use events::Events;
pub use identity_provider::{IdentityProvider, SigningKey};
pub use pooler::{PoolMode, Pooler};
pub use port::free_port;
pub use postgres::{Cluster, programs as postgres_programs};
pub use socket::{Socket, connect_with_small_buffer, in_time};
pub use workshop::{Workshop, a_workshop};

/// Runs a test on SQLite and on PostgreSQL: `#[apply(on_each_database)] async fn a_sentence(app: TestApp) { .. }`.
#[macro_export]
macro_rules! on_each_database {
    ($($test:tt)*) => { $crate::on_databases! { [on_sqlite Sqlite, on_postgres Postgres] $($test)* } };
}

/// Runs a test on PostgreSQL only, because SQLite has nothing to test: it has one writer and no connection to lose.
#[macro_export]
macro_rules! on_postgres {
    ($($test:tt)*) => { $crate::on_databases! { [on_postgres Postgres] $($test)* } };
}

/// Runs a test on SQLite only.
#[macro_export]
macro_rules! on_sqlite {
    ($($test:tt)*) => { $crate::on_databases! { [on_sqlite Sqlite] $($test)* } };
}

/// Generates one `#[test]` for each named database.
#[doc(hidden)]
#[macro_export]
macro_rules! on_databases {
    (
        [$($name:ident $backend:ident),+]
        $(#[$attribute:meta])* async fn $test:ident($app:ident: $type:ty) $body:block
    ) => {
        mod $test {
            #[allow(unused_imports)]
            use super::*;

            $(#[$attribute])*
            async fn test($app: $type) $body

            $(
                #[test]
                fn $name() {
                    $crate::run_on($crate::Backend::$backend, test);
                }
            )+
        }
    };
}
