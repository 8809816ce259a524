use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[derive(DeriveIden)]
enum Journal {
    Table,
    Id,
    WorkshopId,
    Sequence,
    Position,
}

const BY_WORKSHOP: &str = "journal_by_workshop";
const BY_WORKSHOP_AND_POSITION: &str = "journal_by_workshop_and_position";
const BY_POSITION: &str = "journal_by_position";

/// The changes of a workshop, and on SQLite all changes, are read by position, not by sequence.
#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_index(Index::drop().name(BY_WORKSHOP).table(Journal::Table).to_owned()).await?;
        let mut by_workshop = Index::create();
        by_workshop
            .name(BY_WORKSHOP_AND_POSITION)
            .table(Journal::Table)
            .col(Journal::WorkshopId)
            .col(Journal::Position)
            .col(Journal::Id);
        manager.create_index(by_workshop).await?;
        let mut by_position = Index::create();
        by_position.name(BY_POSITION).table(Journal::Table).col(Journal::Position).col(Journal::Id).if_not_exists();
        manager.create_index(by_position).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        if manager.get_database_backend() == sea_orm_migration::sea_orm::DbBackend::Sqlite {
            manager.drop_index(Index::drop().name(BY_POSITION).table(Journal::Table).to_owned()).await?;
        }
        manager.drop_index(Index::drop().name(BY_WORKSHOP_AND_POSITION).table(Journal::Table).to_owned()).await?;
        let mut by_workshop = Index::create();
        by_workshop.name(BY_WORKSHOP).table(Journal::Table).col(Journal::WorkshopId).col(Journal::Sequence);
        manager.create_index(by_workshop).await
    }
}
