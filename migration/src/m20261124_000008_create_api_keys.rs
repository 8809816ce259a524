use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[derive(DeriveIden)]
enum Centers {
    Table,
    Id,
}

#[derive(DeriveIden)]
enum ApiKeys {
    Table,
    Id,
    Name,
    Prefix,
    /// The SHA-256 of the secret part.
    Digest,
    Role,
    /// The scopes, separated by spaces.
    Scopes,
    /// Whether the key covers all centers; otherwise it covers those in `api_key_centers`, possibly none.
    Everywhere,
    CreatedAt,
    CreatedBy,
    ExpiresAt,
    RevokedAt,
    LastUsedAt,
    /// The key that replaced this one.
    ReplacedBy,
}

#[derive(DeriveIden)]
enum ApiKeyCenters {
    Table,
    ApiKeyId,
    CenterId,
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table(ApiKeys::Table)
                    .col(uuid(ApiKeys::Id).primary_key())
                    .col(text(ApiKeys::Name))
                    .col(text(ApiKeys::Prefix))
                    .col(blob(ApiKeys::Digest))
                    .col(text(ApiKeys::Role).check(Expr::col(ApiKeys::Role).is_in(["admin", "staff", "partner"])))
                    .col(text(ApiKeys::Scopes))
                    .col(boolean(ApiKeys::Everywhere))
                    .col(timestamp_with_time_zone(ApiKeys::CreatedAt))
                    .col(text(ApiKeys::CreatedBy))
                    .col(timestamp_with_time_zone_null(ApiKeys::ExpiresAt))
                    .col(timestamp_with_time_zone_null(ApiKeys::RevokedAt))
                    .col(timestamp_with_time_zone_null(ApiKeys::LastUsedAt))
                    .col(uuid_null(ApiKeys::ReplacedBy))
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("api_keys_by_prefix")
                    .table(ApiKeys::Table)
                    .col(ApiKeys::Prefix)
                    .unique()
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table(ApiKeyCenters::Table)
                    .col(uuid(ApiKeyCenters::ApiKeyId))
                    .col(uuid(ApiKeyCenters::CenterId))
                    .primary_key(Index::create().col(ApiKeyCenters::ApiKeyId).col(ApiKeyCenters::CenterId))
                    .foreign_key(
                        ForeignKey::create()
                            .from(ApiKeyCenters::Table, ApiKeyCenters::ApiKeyId)
                            .to(ApiKeys::Table, ApiKeys::Id)
                            .on_delete(ForeignKeyAction::Cascade),
                    )
                    .foreign_key(
                        ForeignKey::create()
                            .from(ApiKeyCenters::Table, ApiKeyCenters::CenterId)
                            .to(Centers::Table, Centers::Id),
                    )
                    .to_owned(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table(ApiKeyCenters::Table).to_owned()).await?;
        manager.drop_table(Table::drop().table(ApiKeys::Table).to_owned()).await
    }
}
