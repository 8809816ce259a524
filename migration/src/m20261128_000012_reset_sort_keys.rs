use sea_orm_migration::{prelude::*, sea_orm::DbBackend};

/// Marks the database as one whose sort keys and search words follow the rules for all scripts. The server derives them
/// again before it applies this migration: see `SEARCH_RULES`.
///
/// `down` removes the sort keys of rows whose texts have other characters than those of ASCII. The server of the previous
/// version derives missing keys.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// Each table with the columns from which its keys and words are derived.
const TEXTS: [(&str, &[&str]); 3] = [
    ("centers", &["name"]),
    ("guests", &["given_name", "family_name", "email", "phone"]),
    ("workshops", &["title", "description"]),
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, _: &SchemaManager) -> Result<(), DbErr> {
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        reset(manager).await
    }
}

async fn reset(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    for (table, columns) in TEXTS {
        let conditions = columns.iter().map(|column| match manager.get_database_backend() {
            DbBackend::Postgres => format!("octet_length({column}) <> char_length({column})"),
            _ => format!("length(CAST({column} AS blob)) <> length({column})"),
        });
        let condition = conditions.collect::<Vec<_>>().join(" OR ");
        let update = format!("UPDATE {table} SET sort_key = '' WHERE {condition}");
        manager.get_connection().execute_unprepared(&update).await?;
    }
    Ok(())
}
