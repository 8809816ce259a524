use sea_orm_migration::{prelude::*, sea_orm::DbBackend};

/// Adds sort keys and search words, with their indexes. In SQL, because the builder supports neither indexes on expressions
/// nor those of a single database.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// Replaces missing instants, after all others. `persistence` repeats this text exactly, because only a query with the same
/// expression uses the index.
const NEVER: &str = "'9999-12-31T23:59:59.999999+00:00'";

/// Indexes that are replaced or unused; `down` creates them again.
const REPLACED: [(&str, &str); 7] = [
    ("workshops_by_title", "workshops (title, id)"),
    ("workshops_by_start", "workshops (starts_at, id)"),
    ("guests_by_name", "guests (family_name, id)"),
    ("guests_by_home_center", "guests (home_center_id)"),
    ("centers_by_name", "centers (name, id)"),
    ("journal_by_workshop", "journal (workshop_id, sequence)"),
    ("sessions_by_center", "sessions (center_id)"),
];

fn indexes(backend: DbBackend) -> Vec<(&'static str, String)> {
    let mut indexes = vec![
        ("workshops_by_title", "workshops (sort_key, id)".to_owned()),
        ("workshops_by_start", format!("workshops (COALESCE(starts_at, {NEVER}), id)")),
        ("workshops_by_stage", format!("workshops (stage, COALESCE(ends_at, {NEVER}))")),
        ("guests_by_name", "guests (sort_key, id)".to_owned()),
        ("guests_by_home_center", "guests (home_center_id, sort_key, id)".to_owned()),
        ("centers_by_name", "centers (sort_key, id)".to_owned()),
        // By the end: a query for sessions that overlap a range from an instant skips most past sessions.
        (
            "sessions_by_end",
            "sessions (ends_at, starts_at, workshop_id, center_id) WHERE cancelled_at IS NULL".to_owned(),
        ),
        ("registrations_by_time", "registrations (registered_at, id)".to_owned()),
        ("journal_by_workshop", "journal (workshop_id, position, id)".to_owned()),
        ("words_by_thing", "words (thing)".to_owned()),
    ];
    match backend {
        // The journal is written roughly in the order of time: one index entry per range of pages suffices.
        DbBackend::Postgres => indexes.push(("journal_by_time", "journal USING brin (at)".to_owned())),
        _ => {
            indexes.push(("journal_by_time", "journal (at)".to_owned()));
            // On PostgreSQL this index exists since the table.
            indexes.push(("journal_by_position", "journal (position, id)".to_owned()));
        }
    }
    indexes
}

const SORTED: [&str; 3] = ["centers", "guests", "workshops"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let backend = manager.get_database_backend();
        // Byte by byte, as SQLite compares: the same order everywhere, which no update of the system's collations changes.
        // Sort keys are derived for this comparison.
        let binary = if backend == DbBackend::Postgres { "\"C\"" } else { "BINARY" };
        let mut statements: Vec<_> = REPLACED.iter().map(|(name, _)| format!("DROP INDEX {name}")).collect();
        statements.extend(
            SORTED.map(|table| {
                format!("ALTER TABLE {table} ADD COLUMN sort_key text COLLATE {binary} NOT NULL DEFAULT ''")
            }),
        );
        let uuid = if backend == DbBackend::Postgres { "uuid" } else { "uuid_text" };
        statements.push(format!(
            "CREATE TABLE words (kind smallint NOT NULL CHECK (kind IN (0, 1, 2)), word text COLLATE {binary} NOT NULL, \
             thing {uuid} NOT NULL, PRIMARY KEY (kind, word, thing))"
        ));
        statements.extend(indexes(backend).into_iter().map(|(name, on)| format!("CREATE INDEX {name} ON {on}")));
        run(manager, statements).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let indexes = indexes(manager.get_database_backend());
        let mut statements: Vec<_> = indexes.into_iter().map(|(name, _)| format!("DROP INDEX {name}")).collect();
        statements.push("DROP TABLE words".to_owned());
        statements.extend(SORTED.map(|table| format!("ALTER TABLE {table} DROP COLUMN sort_key")));
        statements.extend(REPLACED.map(|(name, on)| format!("CREATE INDEX {name} ON {on}")));
        run(manager, statements).await
    }
}

async fn run(manager: &SchemaManager<'_>, statements: Vec<String>) -> Result<(), DbErr> {
    for statement in statements {
        manager.get_connection().execute_unprepared(&statement).await?;
    }
    Ok(())
}
