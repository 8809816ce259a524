use sea_orm_migration::{prelude::*, sea_orm::DbBackend};

/// Adds an index on the duration of workshops. The longest duration bounds how long ago a workshop that has not ended can
/// have started. On SQLite instants are texts, which cannot be subtracted.
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
