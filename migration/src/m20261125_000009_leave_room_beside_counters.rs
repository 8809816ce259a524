use sea_orm_migration::{prelude::*, sea_orm::DbBackend};

/// Leaves room on the pages of what is counted: a counter that moves is then written beside its old value, and no index
/// has to be told. SQLite writes in place.
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
