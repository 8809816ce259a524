use sea_orm_migration::{prelude::*, sea_orm::DbBackend};

/// Adds guest and center to journal entries, so that the access check does not read the registration. Adds the time of
/// publication to workshops, because a workshop that was cancelled as a draft was never public.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// The staff of a center reads the entries of that center, and guests read their own.
const INDEXES: [(&str, &str); 2] = [
    ("journal_by_center", "journal (center_id, position, id)"),
    ("journal_by_guest", "journal (guest_id, position, id)"),
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let (uuid, instant) = match manager.get_database_backend() {
            DbBackend::Postgres => ("uuid", "timestamp with time zone"),
            _ => ("uuid_text", "timestamp_with_timezone_text"),
        };
        run(manager, &format!("ALTER TABLE workshops ADD COLUMN published_at {instant}")).await?;
        // It is unknown whether cancelled workshops were public. They stay visible.
        run(manager, "UPDATE workshops SET published_at = created_at WHERE stage <> 0").await?;
        for column in ["center_id", "guest_id"] {
            run(manager, &format!("ALTER TABLE journal ADD COLUMN {column} {uuid}")).await?;
        }
        let backfill = "UPDATE journal SET center_id = registrations.center_id, guest_id = registrations.guest_id \
                        FROM registrations WHERE registrations.id = journal.registration_id";
        run(manager, backfill).await?;
        for (name, on) in INDEXES {
            run(manager, &format!("CREATE INDEX {name} ON {on}")).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (name, _) in INDEXES {
            run(manager, &format!("DROP INDEX {name}")).await?;
        }
        for column in ["guest_id", "center_id"] {
            run(manager, &format!("ALTER TABLE journal DROP COLUMN {column}")).await?;
        }
        run(manager, "ALTER TABLE workshops DROP COLUMN published_at").await
    }
}

async fn run(manager: &SchemaManager<'_>, statement: &str) -> Result<(), DbErr> {
    manager.get_connection().execute_unprepared(statement).await.map(|_| ())
}
