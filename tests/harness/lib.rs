//! What the stories are told with: an app over a database of its own, a clock that a test turns, and a caller.
//!
//! A story runs once on SQLite and once on PostgreSQL: see [`on_each_database`].
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::missing_panics_doc, missing_docs)]

mod answer;
mod app;
mod access;
mod client;
mod database;
mod events;
mod workshop;
mod api_key;
mod metrics;
mod port;
mod postgres;
mod identity_provider;
mod servers;
mod socket;
mod clock;

pub use answer::Answer;
pub use app::{REGISTER, TestApp};
pub use client::{Client, encoded};
pub use database::{Backend, Database, Held, tell, there};
pub use events::Events;
pub use workshop::{Workshop, a_workshop};
pub use api_key::{ApiKey, admin, partner, staff_of};
pub use port::steady_port;
pub use postgres::{Cluster, programs as postgres_programs};
pub use identity_provider::{Provider, SigningKey};
pub use socket::{Socket, connection_with_little_room, in_time};
pub use clock::{Time, at, now};

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
                    $crate::tell($crate::Backend::$backend, test);
                }
            )+
        }
    };
}
