use std::collections::HashMap;

use domain::{EditableWorkshop, Session, SessionId, Stage, Timestamp, TrackId, access::Authority};
use sea_orm::{
    ActiveModelBehavior, ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter,
};

use super::LockedWorkshop;
use crate::{
    EnumColumn, NewTrack, StoreError,
    aggregates::writes::Writes,
    entities::{session, track, workshop, workshop_center},
    error::ensure_rows,
    rows::workshop_rows::{insert, insert_track, insert_workshop_centers},
    search::{Searchable, replace_words},
};

/// The parts of an edited workshop that were written.
pub(crate) struct SavedWorkshop {
    /// The track that was added.
    pub(crate) track: Option<TrackId>,
    /// The session that was added.
    pub(crate) session: Option<SessionId>,
    /// Whether anything was written.
    pub(crate) has_changes: bool,
}

impl LockedWorkshop {
    /// Writes the edited workshop and the changes to its registrations. If nothing differs, nothing is written and the
    /// version stays.
    pub(crate) async fn save(
        self,
        tx: &impl ConnectionTrait,
        mut edited: EditableWorkshop,
        now: Timestamp,
        by: &Authority,
    ) -> Result<SavedWorkshop, StoreError> {
        let added = match &edited.new_track {
            Some(draft) => Some(insert_track(tx, edited.aggregate.workshop.id, NewTrack::from(draft), now).await?),
            None => None,
        };
        let (sessions, session) = self.save_sessions(tx, &edited, now).await?;
        let is_edited = added.is_some()
            | sessions
            | self.save_tracks(tx, &edited, now).await?
            | self.save_centers(tx, &edited).await?;
        let mut row = self.workshop_row(&edited);
        if (&row.title, &row.description) != (&self.workshop.title, &self.workshop.description) {
            replace_words(tx, std::slice::from_ref(&row)).await?;
        }
        let is_edited = is_edited || row != self.workshop;
        if is_edited {
            row.version += 1;
            row.updated_at = now;
            if row.stage.0 == Stage::Published {
                row.published_at.get_or_insert(now);
            }
            // Before the counters: a capacity is raised before its seats are taken.
            update::<workshop::Entity>(tx, row).await?;
        }
        let mut writes = Writes::default();
        writes.record(&mut edited.aggregate, by.actor());
        let has_changes = is_edited || !writes.is_empty();
        writes.write(tx, &HashMap::from([(edited.aggregate.workshop.id, edited.aggregate)]), now).await?;
        Ok(SavedWorkshop { track: added, session, has_changes })
    }

    fn workshop_row(&self, edited: &EditableWorkshop) -> workshop::Model {
        let domain::Workshop { stage, window, starts_at, ends_at, seats, waitlist, .. } = &edited.aggregate.workshop;
        workshop::Model {
            external_id: edited.external_id.as_ref().map(|id| id.as_str().to_owned()),
            title: edited.title.clone(),
            description: edited.description.clone(),
            stage: EnumColumn(*stage),
            registration_opens_at: window.opens_at,
            registration_closes_at: window.closes_at,
            capacity: seats.capacity.map(u32::cast_signed),
            waitlist_enabled: waitlist.enabled,
            waitlist_limit: waitlist.limit.map(u32::cast_signed),
            starts_at: *starts_at,
            ends_at: *ends_at,
            ..self.workshop.clone()
        }
        .with_sort_key()
    }

    /// Writes the centers that run the workshop. Returns whether they changed.
    async fn save_centers(&self, tx: &impl ConnectionTrait, edited: &EditableWorkshop) -> Result<bool, StoreError> {
        let (before, after) = (&self.editable.aggregate.centers, &edited.aggregate.centers);
        let removed: Vec<_> = before.difference(after).map(|id| id.uuid()).collect();
        let added: Vec<_> = after.difference(before).copied().collect();
        if !removed.is_empty() {
            let deleted = workshop_center::Entity::delete_many()
                .filter(workshop_center::Column::WorkshopId.eq(self.workshop.id))
                .filter(workshop_center::Column::CenterId.is_in(removed.clone()))
                .exec(tx)
                .await?;
            ensure_rows("center of a workshop", removed.len(), deleted.rows_affected)?;
        }
        insert_workshop_centers(tx, edited.aggregate.workshop.id, &added).await?;
        Ok(!removed.is_empty() || !added.is_empty())
    }

    /// Writes the sessions. Returns whether any changed, and which one was added. The sessions of a removed track are
    /// deleted before it.
    async fn save_sessions(
        &self,
        tx: &impl ConnectionTrait,
        edited: &EditableWorkshop,
        now: Timestamp,
    ) -> Result<(bool, Option<SessionId>), StoreError> {
        let (rows, mut is_edited, mut added) = (self.session_rows(), false, None);
        for (id, session) in &edited.sessions {
            match rows.get(id) {
                None => {
                    insert::<session::Entity>(tx, [self.session_row(*id, session, now)]).await?;
                    (is_edited, added) = (true, Some(*id));
                }
                Some(before) => {
                    let row = session::Model { created_at: before.created_at, ..self.session_row(*id, session, now) };
                    if (session::Model { updated_at: before.updated_at, ..row.clone() }) != **before {
                        update::<session::Entity>(tx, row).await?;
                        is_edited = true;
                    }
                }
            }
        }
        let removed: Vec<_> =
            rows.iter().filter(|(id, _)| !edited.sessions.contains_key(id)).map(|(_, row)| row.id).collect();
        if !removed.is_empty() {
            let delete = session::Entity::delete_many().filter(session::Column::Id.is_in(removed.clone()));
            ensure_rows("session", removed.len(), delete.exec(tx).await?.rows_affected)?;
        }
        Ok((is_edited || !removed.is_empty(), added))
    }

    fn session_row(&self, id: SessionId, session: &Session, now: Timestamp) -> session::Model {
        session::Model {
            id: id.uuid(),
            workshop_id: self.workshop.id,
            track_id: session.track.number(),
            center_id: session.center.uuid(),
            title: session.title.clone(),
            starts_at: session.starts_at,
            ends_at: session.ends_at,
            room: session.room.clone(),
            instructor: session.instructor.clone(),
            cancelled_at: session.cancelled_at,
            created_at: now,
            updated_at: now,
        }
    }

    /// Writes the tracks. Returns whether any changed.
    async fn save_tracks(
        &self,
        tx: &impl ConnectionTrait,
        edited: &EditableWorkshop,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let mut is_edited = false;
        for (id, before) in self.track_rows()? {
            let (Some(seats), Some(name)) = (edited.aggregate.tracks.get(&id), edited.track_names.get(&id)) else {
                let deleted = track::Entity::delete_by_id(before.id).exec(tx).await?;
                ensure_rows("track", 1, deleted.rows_affected)?;
                is_edited = true;
                continue;
            };
            let (starts_at, ends_at) = edited.schedule(Some(id));
            let capacity = seats.capacity.map(u32::cast_signed);
            let row = track::Model { name: name.clone(), capacity, starts_at, ends_at, ..before.clone() };
            if row != *before {
                update::<track::Entity>(tx, track::Model { updated_at: now, ..row }).await?;
                is_edited = true;
            }
        }
        Ok(is_edited)
    }
}

/// Updates all columns of a row. Its counters keep their values: [`Writes`] updates them afterwards.
async fn update<E: EntityTrait>(db: &impl ConnectionTrait, row: E::Model) -> Result<(), StoreError>
where
    E::Model: IntoActiveModel<E::ActiveModel>,
    E::ActiveModel: ActiveModelTrait<Entity = E> + ActiveModelBehavior + Send,
{
    E::update(row.into_active_model().reset_all()).exec(db).await?;
    Ok(())
}
