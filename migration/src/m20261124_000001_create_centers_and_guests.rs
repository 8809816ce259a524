use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[derive(DeriveIden)]
enum Centers {
    Table,
    Id,
    ExternalId,
    Name,
    TimeZone,
    CreatedAt,
    UpdatedAt,
}

#[derive(DeriveIden)]
enum Guests {
    Table,
    Id,
    ExternalId,
    GivenName,
    FamilyName,
    Email,
    Phone,
    HomeCenterId,
    CreatedAt,
    UpdatedAt,
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table(Centers::Table)
                    .col(pk_uuid(Centers::Id))
                    .col(text_null(Centers::ExternalId).unique_key())
                    .col(text(Centers::Name))
                    .col(text(Centers::TimeZone))
                    .col(timestamp_with_time_zone(Centers::CreatedAt))
                    .col(timestamp_with_time_zone(Centers::UpdatedAt))
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table(Guests::Table)
                    .col(pk_uuid(Guests::Id))
                    .col(text_null(Guests::ExternalId).unique_key())
                    .col(text(Guests::GivenName))
                    .col(text(Guests::FamilyName))
                    .col(text_null(Guests::Email))
                    .col(text_null(Guests::Phone))
                    .col(uuid_null(Guests::HomeCenterId))
                    .col(timestamp_with_time_zone(Guests::CreatedAt))
                    .col(timestamp_with_time_zone(Guests::UpdatedAt))
                    .foreign_key(
                        ForeignKey::create()
                            .name("guests_home_center_fk")
                            .from(Guests::Table, Guests::HomeCenterId)
                            .to(Centers::Table, Centers::Id),
                    )
                    .to_owned(),
            )
            .await?;
        for (name, column) in [
            ("guests_by_home_center", vec![Guests::HomeCenterId]),
            ("guests_by_name", vec![Guests::FamilyName, Guests::Id]),
        ] {
            let mut index = Index::create();
            index.name(name).table(Guests::Table);
            for column in column {
                index.col(column);
            }
            manager.create_index(index).await?;
        }
        manager
            .create_index(
                Index::create()
                    .name("centers_by_name")
                    .table(Centers::Table)
                    .col(Centers::Name)
                    .col(Centers::Id)
                    .to_owned(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table(Guests::Table).to_owned()).await?;
        manager.drop_table(Table::drop().table(Centers::Table).to_owned()).await
    }
}
