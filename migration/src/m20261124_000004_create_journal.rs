use sea_orm_migration::{prelude::*, schema::*, sea_orm::DbBackend};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[derive(DeriveIden)]
enum Journal {
    Table,
    Sequence,
    Id,
    WorkshopId,
    RegistrationId,
    Kind,
    StatusBefore,
    StatusAfter,
    Actor,
    At,
    Position,
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // No foreign keys: an entry outlives the rows that it names.
        let mut table = Table::create();
        table
            .table(Journal::Table)
            .col(big_integer(Journal::Sequence).auto_increment().primary_key())
            .col(uuid(Journal::Id).unique_key())
            .col(uuid(Journal::WorkshopId))
            .col(uuid_null(Journal::RegistrationId))
            .col(small_integer(Journal::Kind))
            .col(small_integer_null(Journal::StatusBefore))
            .col(small_integer_null(Journal::StatusAfter))
            .col(text(Journal::Actor))
            .col(timestamp_with_time_zone(Journal::At));
        // The order in which the journal is read. On PostgreSQL it is the number of the transaction. A sequence does not
        // work: its numbers commit in another order than they are assigned, so an entry could appear behind a reader.
        // Entries of transactions older than every running one are complete, and no new entry precedes them.
        table.col(match manager.get_database_backend() {
            DbBackend::Postgres => {
                big_integer(Journal::Position).default(Expr::cust("(pg_current_xact_id()::text::bigint)")).to_owned()
            }
            _ => big_integer(Journal::Position).generated(Expr::col(Journal::Sequence), false).to_owned(),
        });
        manager.create_table(table).await?;
        let mut by_registration = Index::create();
        by_registration
            .name("journal_by_registration")
            .table(Journal::Table)
            .col(Journal::RegistrationId)
            .col(Journal::Sequence);
        let mut by_workshop = Index::create();
        by_workshop.name("journal_by_workshop").table(Journal::Table).col(Journal::WorkshopId).col(Journal::Sequence);
        let mut by_position = Index::create();
        by_position.name("journal_by_position").table(Journal::Table).col(Journal::Position).col(Journal::Id);
        if manager.get_database_backend() == DbBackend::Postgres {
            manager.create_index(by_position).await?;
        }
        manager.create_index(by_registration).await?;
        manager.create_index(by_workshop).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table(Journal::Table).to_owned()).await
    }
}
