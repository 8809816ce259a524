//! The schema of Atelier's database, append-only: a released migration is never edited, the next one mends it.
//!
//! Every migration goes up and down, on SQLite and on PostgreSQL.

use sea_orm_migration::prelude::*;
pub use sea_orm_migration::{MigrationStatus, MigratorTrait};

mod m20261124_000001_create_centers_and_guests;
mod m20261124_000002_create_workshops;
mod m20261124_000003_create_registrations;
mod m20261124_000004_create_journal;
mod m20261124_000005_create_idempotency_keys;
mod m20261124_000006_put_lists_in_order;
mod m20261124_000007_say_who_may_read_what;
mod m20261124_000008_create_api_keys;
mod m20261125_000009_leave_room_beside_counters;

/// Runs the migrations in order.
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20261124_000001_create_centers_and_guests::Migration),
            Box::new(m20261124_000002_create_workshops::Migration),
            Box::new(m20261124_000003_create_registrations::Migration),
            Box::new(m20261124_000004_create_journal::Migration),
            Box::new(m20261124_000005_create_idempotency_keys::Migration),
            Box::new(m20261124_000006_put_lists_in_order::Migration),
            Box::new(m20261124_000007_say_who_may_read_what::Migration),
            Box::new(m20261124_000008_create_api_keys::Migration),
            Box::new(m20261125_000009_leave_room_beside_counters::Migration),
        ]
    }
}
