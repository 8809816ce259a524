//! The migrations of Atelier's database, append-only: a released migration is never edited; the next one corrects it.
//!
//! Every migration can be applied and reverted, on SQLite and on PostgreSQL.

pub use sea_orm_migration::MigratorTrait;
use sea_orm_migration::{
    prelude::*,
    sea_orm::{EntityTrait, QueryOrder},
    seaql_migrations,
};

mod m20261124_000001_create_centers_and_guests;
mod m20261124_000002_create_workshops;
mod m20261124_000003_create_registrations;
mod m20261124_000004_create_journal;
mod m20261124_000005_create_idempotency_keys;
mod m20261124_000006_add_sort_keys_and_search_words;
mod m20261124_000007_add_guest_and_center_to_journal;
mod m20261124_000008_create_api_keys;
mod m20261125_000009_set_fill_factor;
mod m20261126_000010_index_workshop_durations;
mod m20261128_000011_rename_columns;
mod m20261128_000012_reset_sort_keys;

/// The last migration that changes the rules by which sort keys and search words are derived. Before it is applied, the
/// server derives all of them again.
pub const SEARCH_RULES: &str = "m20261128_000012_reset_sort_keys";

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
            Box::new(m20261124_000006_add_sort_keys_and_search_words::Migration),
            Box::new(m20261124_000007_add_guest_and_center_to_journal::Migration),
            Box::new(m20261124_000008_create_api_keys::Migration),
            Box::new(m20261125_000009_set_fill_factor::Migration),
            Box::new(m20261126_000010_index_workshop_durations::Migration),
            Box::new(m20261128_000011_rename_columns::Migration),
            Box::new(m20261128_000012_reset_sort_keys::Migration),
        ]
    }
}

/// The names of the migrations that are applied to a database, in order. Some can belong to a newer version.
///
/// # Errors
///
/// If the database does not respond.
pub async fn applied<'c>(db: impl IntoSchemaManagerConnection<'c>) -> Result<Vec<String>, DbErr> {
    let manager = SchemaManager::new(db);
    if !manager.has_table("seaql_migrations").await? {
        return Ok(Vec::new());
    }
    let rows = seaql_migrations::Entity::find().order_by_asc(seaql_migrations::Column::Version);
    Ok(rows.all(manager.get_connection()).await?.into_iter().map(|row| row.version).collect())
}
