use sea_orm_migration::{prelude::*, sea_orm::DbBackend};

/// Says with every entry of the journal whose registration it is about, and where that was made: who may read it is told
/// without looking at the registration. And of every workshop when it was published: one that was cancelled as a draft
/// was never for everybody to see.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// Besides by everybody, the journal is read by those who work at a center, and by guests about themselves.
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
        // Of those that were cancelled nobody knows any more; whoever saw them may go on to do so.
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
