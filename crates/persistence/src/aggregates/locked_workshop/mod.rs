//! Locked workshops: from rows to the workshop that a rule edits, and the edited workshop back to rows.

mod save;

pub(crate) use save::SavedWorkshop;

use std::collections::{BTreeMap, HashMap};

use domain::{
    CenterId, EditContext, EditableWorkshop, ExternalId, RegistrationStatus, Session, SessionId, TrackId,
    WorkshopAggregate, WorkshopId,
    access::Authority,
    commands::{OnWorkshop, PreloadedRegistrations, Subject},
};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter};

use crate::{
    EnumColumn, StoreError,
    aggregates::{self, LoadPlan},
    database::row_lock::LockMode,
    entities::{center, registration, session, track, workshop},
    row_policy::RowPolicy,
    rows::row_set::one_of,
};

/// A workshop that is locked until the transaction ends, with its rows.
pub(crate) struct LockedWorkshop {
    pub(crate) editable: EditableWorkshop,
    workshop: workshop::Model,
    tracks: Vec<track::Model>,
    sessions: Vec<session::Model>,
}

impl LockedWorkshop {
    /// Locks the workshop of a command, and loads the rows that its rule requires. With [`LockMode::SkipHeld`], the fault is
    /// [`StoreError::Held`] if another transaction holds the workshop.
    pub(crate) async fn lock<C: OnWorkshop>(
        tx: &impl ConnectionTrait,
        command: &C,
        id: WorkshopId,
        by: &Authority,
        lock_mode: LockMode,
    ) -> Result<Option<Self>, StoreError> {
        let mut plan = LoadPlan::default();
        plan.workshops.insert(id);
        plan.whole_waitlist = matches!(
            command.preloaded_registrations(),
            PreloadedRegistrations::Waitlist
                | PreloadedRegistrations::TrackAndWaitlist
                | PreloadedRegistrations::WaitlistAndSeated
        );
        plan.seated = command.preloaded_registrations() == PreloadedRegistrations::WaitlistAndSeated;
        let mut loaded = aggregates::load(tx, &plan, lock_mode).await?;
        if loaded.held.contains(&id) {
            return Err(StoreError::Held);
        }
        let Some(aggregate) = loaded.aggregates.remove(&id) else { return Ok(None) };
        if !by.visibility().drafts().includes_any(&aggregate.centers) {
            return Ok(None);
        }
        let Some(workshop) = workshop::Entity::find_by_id(id.uuid()).one(tx).await? else { return Ok(None) };
        let tracks = track::Entity::find().filter(track::Column::WorkshopId.eq(id.uuid())).all(tx).await?;
        let sessions = session::Entity::find().filter(session::Column::WorkshopId.eq(id.uuid())).all(tx).await?;
        let mut context =
            load_edit_context(tx, &command.centers(), command.external_id(), Some(&aggregate), by).await?;
        if let (PreloadedRegistrations::TrackAndWaitlist, Some(Subject::Track(track))) =
            (command.preloaded_registrations(), command.subject())
        {
            (context.registrations, context.live_registrations) = count_registrations(tx, id, track, by).await?;
        }
        let editable = EditableWorkshop {
            title: workshop.title.clone(),
            description: workshop.description.clone(),
            external_id: workshop.external_id.as_deref().map(parse_external_id).transpose()?,
            version: workshop.version,
            track_names: tracks
                .iter()
                .map(|row| Ok((row.track_id()?, row.name.clone())))
                .collect::<Result<BTreeMap<_, _>, StoreError>>()?,
            sessions: sessions.iter().map(session_snapshot).collect::<Result<_, _>>()?,
            new_track: None,
            context,
            aggregate,
        };
        Ok(Some(Self { editable, workshop, tracks, sessions }))
    }

    fn track_rows(&self) -> Result<HashMap<TrackId, &track::Model>, StoreError> {
        self.tracks.iter().map(|row| Ok((row.track_id()?, row))).collect()
    }

    fn session_rows(&self) -> HashMap<SessionId, &session::Model> {
        self.sessions.iter().map(|row| (SessionId::from_uuid(row.id), row)).collect()
    }
}

/// The workshop of a subject, if the subject exists.
pub(crate) async fn find_workshop(
    db: &impl ConnectionTrait,
    subject: Subject,
) -> Result<Option<WorkshopId>, StoreError> {
    let id = match subject {
        Subject::Workshop(id) => return Ok(Some(id)),
        Subject::Track(id) => track::Entity::find_by_id(id.number()).one(db).await?.map(|row| row.workshop_id),
        Subject::Session(id) => session::Entity::find_by_id(id.uuid()).one(db).await?.map(|row| row.workshop_id),
    };
    Ok(id.map(WorkshopId::from_uuid))
}

/// Loads the rows that an edit requires beside the workshop, which need not exist yet.
pub(crate) async fn load_edit_context(
    db: &impl ConnectionTrait,
    centers: &[CenterId],
    external_id: Option<&ExternalId>,
    aggregate: Option<&WorkshopAggregate>,
    by: &Authority,
) -> Result<EditContext, StoreError> {
    let mut context = EditContext { reach: by.reach().clone(), ..EditContext::default() };
    if !centers.is_empty() {
        let ids = centers.iter().map(|id| id.uuid());
        let filter = one_of(db.get_database_backend(), center::Column::Id, ids);
        let rows = center::Entity::find().filter(filter).all(db).await?;
        let runs_workshop = |id: &CenterId| aggregate.is_some_and(|aggregate| aggregate.centers.contains(id));
        let ids = rows.into_iter().map(|row| CenterId::from_uuid(row.id));
        context.centers = ids.filter(|id| by.reach().includes(*id) || runs_workshop(id)).collect();
    }
    if let Some(id) = external_id {
        let holder = workshop::Entity::find().filter(workshop::Column::ExternalId.eq(id.as_str())).one(db).await?;
        let workshop = aggregate.map(|aggregate| aggregate.workshop.id.uuid());
        context.is_external_id_taken = holder.is_some_and(|row| Some(row.id) != workshop);
    }
    Ok(context)
}

/// The number of registrations of a track, and the number of live ones that the author can see.
async fn count_registrations(
    db: &impl ConnectionTrait,
    workshop: WorkshopId,
    track: TrackId,
    by: &Authority,
) -> Result<(u64, u32), StoreError> {
    let all = registration::Entity::find()
        .filter(registration::Column::WorkshopId.eq(workshop.uuid()))
        .filter(registration::Column::TrackId.eq(track.number()));
    let visible = registration::Entity::visibility_condition(by.visibility(), db.get_database_backend());
    let live = all
        .clone()
        .filter(registration::Column::Status.is_in(RegistrationStatus::LIVE.map(EnumColumn)))
        .filter(Condition::all().add_option(visible));
    let live = u32::try_from(live.count(db).await?).unwrap_or(u32::MAX);
    Ok((all.count(db).await?, live))
}

fn parse_external_id(text: &str) -> Result<ExternalId, StoreError> {
    ExternalId::parse(text).map_err(|_| StoreError::corrupt("an external id", "it is not valid"))
}

fn session_snapshot(row: &session::Model) -> Result<(SessionId, Session), StoreError> {
    let id = SessionId::from_uuid(row.id);
    let track =
        TrackId::new(row.track_id).ok_or_else(|| StoreError::corrupt("a session's track", row.track_id.to_string()))?;
    let session = Session {
        track,
        center: CenterId::from_uuid(row.center_id),
        title: row.title.clone(),
        starts_at: row.starts_at,
        ends_at: row.ends_at,
        room: row.room.clone(),
        instructor: row.instructor.clone(),
        cancelled_at: row.cancelled_at,
    };
    Ok((id, session))
}
