use sea_orm_migration::{prelude::*, sea_orm::DbBackend};

/// Puts the lengths of workshops in order, for the longest one says how far back one that still goes on can have begun. On
/// SQLite instants are texts, of which there is no difference.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, "CREATE INDEX workshops_by_length ON workshops ((ends_at - starts_at))").await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, "DROP INDEX workshops_by_length").await
    }
}

async fn run(manager: &SchemaManager<'_>, change: &str) -> Result<(), DbErr> {
    if manager.get_database_backend() == DbBackend::Postgres {
        manager.get_connection().execute_unprepared(change).await?;
    }
    Ok(())
}
