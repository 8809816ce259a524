use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[derive(DeriveIden)]
enum Centers {
    Table,
    Id,
}

#[derive(DeriveIden)]
enum Workshops {
    Table,
    Id,
    ExternalId,
    Title,
    Description,
    Stage,
    RegistrationOpensAt,
    RegistrationClosesAt,
    Capacity,
    SeatsTaken,
    WaitlistEnabled,
    WaitlistLimit,
    WaitlistLength,
    NextPlace,
    StartsAt,
    EndsAt,
    Version,
    CreatedAt,
    UpdatedAt,
}

#[derive(DeriveIden)]
enum WorkshopCenters {
    Table,
    WorkshopId,
    CenterId,
}

#[derive(DeriveIden)]
enum Tracks {
    Table,
    Id,
    WorkshopId,
    Name,
    Capacity,
    SeatsTaken,
    StartsAt,
    EndsAt,
    CreatedAt,
    UpdatedAt,
}

#[derive(DeriveIden)]
enum Sessions {
    Table,
    Id,
    WorkshopId,
    TrackId,
    CenterId,
    Title,
    StartsAt,
    EndsAt,
    Room,
    Instructor,
    CancelledAt,
    CreatedAt,
    UpdatedAt,
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(workshops()).await?;
        manager.create_table(workshop_centers()).await?;
        manager.create_table(tracks()).await?;
        manager.create_table(sessions()).await?;
        for index in indexes() {
            manager.create_index(index).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table(Sessions::Table).to_owned()).await?;
        manager.drop_table(Table::drop().table(Tracks::Table).to_owned()).await?;
        manager.drop_table(Table::drop().table(WorkshopCenters::Table).to_owned()).await?;
        manager.drop_table(Table::drop().table(Workshops::Table).to_owned()).await
    }
}

fn workshops() -> TableCreateStatement {
    Table::create()
        .table(Workshops::Table)
        .col(pk_uuid(Workshops::Id))
        .col(text_null(Workshops::ExternalId).unique_key())
        .col(text(Workshops::Title))
        .col(text_null(Workshops::Description))
        .col(small_integer(Workshops::Stage).check(Expr::cust("stage IN (0, 1, 2)")))
        .col(timestamp_with_time_zone_null(Workshops::RegistrationOpensAt))
        .col(timestamp_with_time_zone_null(Workshops::RegistrationClosesAt))
        .col(integer_null(Workshops::Capacity).check(Expr::cust("capacity >= 0")))
        .col(integer(Workshops::SeatsTaken).default(0).check(Expr::cust("seats_taken >= 0")))
        .col(boolean(Workshops::WaitlistEnabled))
        .col(integer_null(Workshops::WaitlistLimit).check(Expr::cust("waitlist_limit >= 0")))
        .col(integer(Workshops::WaitlistLength).default(0).check(Expr::cust("waitlist_length >= 0")))
        .col(big_integer(Workshops::NextPlace).default(1).check(Expr::cust("next_place >= 1")))
        .col(timestamp_with_time_zone_null(Workshops::StartsAt))
        .col(timestamp_with_time_zone_null(Workshops::EndsAt))
        .col(integer(Workshops::Version).default(1))
        .col(timestamp_with_time_zone(Workshops::CreatedAt))
        .col(timestamp_with_time_zone(Workshops::UpdatedAt))
        .check((Alias::new("workshops_never_oversold"), Expr::cust("seats_taken <= capacity")))
        .check((Alias::new("workshops_window_in_order"), Expr::cust("registration_opens_at < registration_closes_at")))
        .to_owned()
}

fn workshop_centers() -> TableCreateStatement {
    Table::create()
        .table(WorkshopCenters::Table)
        .col(uuid(WorkshopCenters::WorkshopId))
        .col(uuid(WorkshopCenters::CenterId))
        .primary_key(Index::create().col(WorkshopCenters::WorkshopId).col(WorkshopCenters::CenterId))
        .foreign_key(
            ForeignKey::create()
                .name("workshop_centers_workshop_fk")
                .from(WorkshopCenters::Table, WorkshopCenters::WorkshopId)
                .to(Workshops::Table, Workshops::Id),
        )
        .foreign_key(
            ForeignKey::create()
                .name("workshop_centers_center_fk")
                .from(WorkshopCenters::Table, WorkshopCenters::CenterId)
                .to(Centers::Table, Centers::Id),
        )
        .to_owned()
}

fn tracks() -> TableCreateStatement {
    Table::create()
        .table(Tracks::Table)
        .col(pk_auto(Tracks::Id))
        .col(uuid(Tracks::WorkshopId))
        .col(text(Tracks::Name))
        .col(integer_null(Tracks::Capacity).check(Expr::cust("capacity >= 0")))
        .col(integer(Tracks::SeatsTaken).default(0).check(Expr::cust("seats_taken >= 0")))
        .col(timestamp_with_time_zone_null(Tracks::StartsAt))
        .col(timestamp_with_time_zone_null(Tracks::EndsAt))
        .col(timestamp_with_time_zone(Tracks::CreatedAt))
        .col(timestamp_with_time_zone(Tracks::UpdatedAt))
        .check((Alias::new("tracks_never_oversold"), Expr::cust("seats_taken <= capacity")))
        .foreign_key(
            ForeignKey::create()
                .name("tracks_workshop_fk")
                .from(Tracks::Table, Tracks::WorkshopId)
                .to(Workshops::Table, Workshops::Id),
        )
        // A reference to a track includes its workshop, so that no row can combine a track with another workshop.
        .index(Index::create().unique().name("tracks_in_workshop").col(Tracks::WorkshopId).col(Tracks::Id))
        .to_owned()
}

fn sessions() -> TableCreateStatement {
    Table::create()
        .table(Sessions::Table)
        .col(pk_uuid(Sessions::Id))
        .col(uuid(Sessions::WorkshopId))
        .col(integer(Sessions::TrackId))
        .col(uuid(Sessions::CenterId))
        .col(text(Sessions::Title))
        .col(timestamp_with_time_zone(Sessions::StartsAt))
        .col(timestamp_with_time_zone(Sessions::EndsAt))
        .col(text_null(Sessions::Room))
        .col(text_null(Sessions::Instructor))
        .col(timestamp_with_time_zone_null(Sessions::CancelledAt))
        .col(timestamp_with_time_zone(Sessions::CreatedAt))
        .col(timestamp_with_time_zone(Sessions::UpdatedAt))
        .check((Alias::new("sessions_end_after_start"), Expr::cust("starts_at < ends_at")))
        .foreign_key(
            ForeignKey::create()
                .name("sessions_track_fk")
                .from(Sessions::Table, (Sessions::WorkshopId, Sessions::TrackId))
                .to(Tracks::Table, (Tracks::WorkshopId, Tracks::Id)),
        )
        .foreign_key(
            ForeignKey::create()
                .name("sessions_center_fk")
                .from(Sessions::Table, Sessions::CenterId)
                .to(Centers::Table, Centers::Id),
        )
        .to_owned()
}

fn indexes() -> [IndexCreateStatement; 5] {
    let mut by_title = Index::create();
    by_title.name("workshops_by_title").table(Workshops::Table).col(Workshops::Title).col(Workshops::Id);
    let mut by_start = Index::create();
    by_start.name("workshops_by_start").table(Workshops::Table).col(Workshops::StartsAt).col(Workshops::Id);
    let mut by_center = Index::create();
    by_center
        .name("workshops_by_center")
        .table(WorkshopCenters::Table)
        .col(WorkshopCenters::CenterId)
        .col(WorkshopCenters::WorkshopId);
    let mut by_track = Index::create();
    by_track
        .name("sessions_by_track")
        .table(Sessions::Table)
        .col(Sessions::WorkshopId)
        .col(Sessions::TrackId)
        .col(Sessions::StartsAt);
    let mut sessions_by_center = Index::create();
    sessions_by_center.name("sessions_by_center").table(Sessions::Table).col(Sessions::CenterId);
    [by_title, by_start, by_center, by_track, sessions_by_center]
}
