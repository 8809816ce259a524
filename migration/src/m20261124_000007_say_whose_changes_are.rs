use sea_orm_migration::prelude::*;

/// Says with every entry of the journal whose registration it is about, and where that was made: who may read it is told
/// without looking at the registration.
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
        let uuid = match manager.get_database_backend() {
            sea_orm_migration::sea_orm::DbBackend::Postgres => "uuid",
            _ => "uuid_text",
        };
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
        Ok(())
    }
}

async fn run(manager: &SchemaManager<'_>, statement: &str) -> Result<(), DbErr> {
    manager.get_connection().execute_unprepared(statement).await.map(|_| ())
}
