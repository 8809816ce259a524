use sea_orm_migration::{prelude::*, sea_orm::DbBackend};

/// Leaves free space on the pages of tables with counters. A changed counter is then written to the same page, and no index
/// changes. SQLite updates in place.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const COUNTED: [&str; 2] = ["workshops", "tracks"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        each(manager, "SET (fillfactor = 70)").await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        each(manager, "RESET (fillfactor)").await
    }
}

async fn each(manager: &SchemaManager<'_>, change: &str) -> Result<(), DbErr> {
    if manager.get_database_backend() == DbBackend::Postgres {
        for table in COUNTED {
            manager.get_connection().execute_unprepared(&format!("ALTER TABLE {table} {change}")).await?;
        }
    }
    Ok(())
}
