use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[derive(DeriveIden)]
enum Centers {
    Table,
    Id,
}

#[derive(DeriveIden)]
enum Guests {
    Table,
    Id,
}

#[derive(DeriveIden)]
enum Tracks {
    Table,
    WorkshopId,
    Id,
}

#[derive(DeriveIden)]
enum Registrations {
    Table,
    Id,
    WorkshopId,
    TrackId,
    GuestId,
    CenterId,
    Status,
    Place,
    FromWaitlist,
    Note,
    RegisteredAt,
    PromotedAt,
    CheckedInAt,
    CancelledAt,
    CancelReason,
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(registrations()).await?;
        for index in indexes() {
            manager.create_index(index).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table(Registrations::Table).to_owned()).await
    }
}

fn registrations() -> TableCreateStatement {
    Table::create()
        .table(Registrations::Table)
        .col(pk_uuid(Registrations::Id))
        .col(uuid(Registrations::WorkshopId))
        .col(integer(Registrations::TrackId))
        .col(uuid(Registrations::GuestId))
        .col(uuid(Registrations::CenterId))
        // The documented numbers; 5, 8 and 9 are reserved.
        .col(small_integer(Registrations::Status).check(Expr::cust("status IN (0, 1, 2, 3, 4, 6, 7)")))
        .col(big_integer_null(Registrations::Place).check(Expr::cust("place >= 1")))
        .col(boolean(Registrations::FromWaitlist).default(false))
        .col(text_null(Registrations::Note))
        .col(timestamp_with_time_zone(Registrations::RegisteredAt))
        .col(timestamp_with_time_zone_null(Registrations::PromotedAt))
        .col(timestamp_with_time_zone_null(Registrations::CheckedInAt))
        .col(timestamp_with_time_zone_null(Registrations::CancelledAt))
        .col(text_null(Registrations::CancelReason))
        // Waitlisted registrations have a waitlist number, and others have none.
        .check((Alias::new("registrations_place_in_line"), Expr::cust("(status = 4) = (place IS NOT NULL)")))
        .foreign_key(
            ForeignKey::create()
                .name("registrations_track_fk")
                .from(Registrations::Table, (Registrations::WorkshopId, Registrations::TrackId))
                .to(Tracks::Table, (Tracks::WorkshopId, Tracks::Id)),
        )
        .foreign_key(
            ForeignKey::create()
                .name("registrations_guest_fk")
                .from(Registrations::Table, Registrations::GuestId)
                .to(Guests::Table, Guests::Id),
        )
        .foreign_key(
            ForeignKey::create()
                .name("registrations_center_fk")
                .from(Registrations::Table, Registrations::CenterId)
                .to(Centers::Table, Centers::Id),
        )
        .to_owned()
}

fn indexes() -> [IndexCreateStatement; 5] {
    let mut one_live = Index::create();
    one_live
        .name("registrations_one_live_per_guest")
        .table(Registrations::Table)
        .unique()
        .col(Registrations::WorkshopId)
        .col(Registrations::GuestId)
        .and_where(Expr::cust("status IN (0, 2, 3, 4)"));
    let mut line = Index::create();
    line.name("registrations_line")
        .table(Registrations::Table)
        .unique()
        .col(Registrations::WorkshopId)
        .col(Registrations::Place)
        .and_where(Expr::cust("place IS NOT NULL"));
    let mut by_workshop = Index::create();
    by_workshop
        .name("registrations_by_workshop")
        .table(Registrations::Table)
        .col(Registrations::WorkshopId)
        .col(Registrations::RegisteredAt)
        .col(Registrations::Id);
    let mut by_guest = Index::create();
    by_guest
        .name("registrations_by_guest")
        .table(Registrations::Table)
        .col(Registrations::GuestId)
        .col(Registrations::RegisteredAt)
        .col(Registrations::Id);
    let mut by_center = Index::create();
    by_center
        .name("registrations_by_center")
        .table(Registrations::Table)
        .col(Registrations::CenterId)
        .col(Registrations::RegisteredAt)
        .col(Registrations::Id);
    [one_live, line, by_workshop, by_guest, by_center]
}
