use sea_orm_migration::prelude::*;

/// Renames columns and a table to the terms that the code and the schema use. Indexes and constraints follow by
/// themselves on both databases.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// Table, old column, new column.
const COLUMNS: [(&str, &str, &str); 4] = [
    ("registrations", "place", "waitlist_number"),
    ("workshops", "next_place", "next_waitlist_number"),
    ("api_keys", "everywhere", "all_centers"),
    ("words", "thing", "subject_id"),
];

/// Old table, new table.
const TABLE: (&str, &str) = ("words", "search_words");

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (table, old, new) in COLUMNS {
            rename_column(manager, table, old, new).await?;
        }
        rename_table(manager, TABLE.0, TABLE.1).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        rename_table(manager, TABLE.1, TABLE.0).await?;
        for (table, old, new) in COLUMNS {
            rename_column(manager, table, new, old).await?;
        }
        Ok(())
    }
}

async fn rename_column(manager: &SchemaManager<'_>, table: &str, from: &str, to: &str) -> Result<(), DbErr> {
    let sql = format!("ALTER TABLE {table} RENAME COLUMN {from} TO {to}");
    manager.get_connection().execute_unprepared(&sql).await?;
    Ok(())
}

async fn rename_table(manager: &SchemaManager<'_>, from: &str, to: &str) -> Result<(), DbErr> {
    manager.get_connection().execute_unprepared(&format!("ALTER TABLE {from} RENAME TO {to}")).await?;
    Ok(())
}
