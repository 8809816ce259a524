//! The changes of a transaction's commands, written in a number of statements that does not depend on the number of
//! commands.

use std::{collections::BTreeSet, sync::LazyLock};

use domain::{
    Actor, Numbered, Registration, RegistrationId, Standing, Timestamp, TrackId, WaitlistNumber, WorkshopAggregate,
    WorkshopId,
};
use sea_orm::{ConnectionTrait, Value, sea_query::ArrayType};

use super::Aggregates;
use crate::{
    StoreError,
    error::ensure_rows,
    journal,
    rows::{
        batched_write::BatchedWrite,
        row_set::{Column, RowSet, column, insert_statement, nullable, update_statement},
    },
};

/// The rows to write. Their values are those of the aggregates after all commands are decided.
#[derive(Default)]
pub(crate) struct Writes {
    inserted: BTreeSet<(WorkshopId, RegistrationId)>,
    updated: BTreeSet<(WorkshopId, RegistrationId)>,
    journal: Vec<journal::NewEntry>,
    workshops: BTreeSet<WorkshopId>,
    tracks: BTreeSet<(WorkshopId, TrackId)>,
}

impl Writes {
    /// Takes the changes of one command from an aggregate and records them.
    pub(crate) fn record(&mut self, aggregate: &mut WorkshopAggregate, actor: &Actor) {
        let workshop = aggregate.workshop.id;
        for transition in aggregate.take_transitions() {
            match transition.before {
                None => self.inserted.insert((workshop, transition.registration)),
                Some(_) => {
                    // The guest can have changed tracks. A workshop has few tracks, so all of them are written.
                    self.tracks.extend(aggregate.tracks.keys().map(|track| (workshop, *track)));
                    self.updated.insert((workshop, transition.registration))
                }
            };
            self.workshops.insert(workshop);
            // A registration that is missing from the aggregate fails the write below, and with it the transaction.
            if let Some(Registration { guest, center, track, .. }) = aggregate.registration(transition.registration) {
                self.tracks.insert((workshop, *track));
                let (guest, center, actor) = (*guest, *center, actor.clone());
                self.journal.push(journal::NewEntry { workshop, transition, guest, center, actor });
            }
        }
    }

    /// The workshops to write.
    pub(crate) fn workshops(&self) -> &BTreeSet<WorkshopId> {
        &self.workshops
    }

    /// Whether no command changed anything.
    pub(crate) fn is_empty(&self) -> bool {
        self.workshops.is_empty()
    }

    pub(crate) async fn write(
        self,
        db: &impl ConnectionTrait,
        aggregates: &Aggregates,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let inserted = self
            .inserted
            .iter()
            .map(|key| Ok((key.0, find_registration(aggregates, *key)?)))
            .collect::<Result<Vec<_>, StoreError>>()?;
        // A registration that was inserted in this transaction is written once, in its final state.
        let updated = self.updated.difference(&self.inserted).map(|key| find_registration(aggregates, *key));
        // First: a guest has one live registration at a time, and can register again after a cancellation.
        update_registrations(db, updated.collect::<Result<_, _>>()?).await?;
        let mut batched = BatchedWrite::default();
        insert_registrations(&mut batched, inserted, now);
        update_workshop_counters(&mut batched, aggregates, &self.workshops);
        update_track_counters(&mut batched, aggregates, &self.tracks);
        journal::append(&mut batched, self.journal, now);
        batched.execute(db).await
    }
}

fn find_registration(
    aggregates: &Aggregates,
    (workshop, id): (WorkshopId, RegistrationId),
) -> Result<&Registration, StoreError> {
    let registration = aggregates.get(&workshop).and_then(|aggregate| aggregate.registration(id));
    registration.ok_or_else(|| StoreError::corrupt("a changed registration", format!("{id} is in no aggregate")))
}

/// First the columns that change, then those that only an insert writes.
static REGISTRATION: [Column; 13] = [
    column("id", ArrayType::Uuid),
    column("track_id", ArrayType::Int),
    column("status", ArrayType::SmallInt),
    nullable("waitlist_number", ArrayType::BigInt),
    nullable("promoted_at", ArrayType::ChronoDateTimeUtc),
    nullable("checked_in_at", ArrayType::ChronoDateTimeUtc),
    nullable("cancelled_at", ArrayType::ChronoDateTimeUtc),
    nullable("cancel_reason", ArrayType::String),
    nullable("note", ArrayType::String),
    column("workshop_id", ArrayType::Uuid),
    column("guest_id", ArrayType::Uuid),
    column("center_id", ArrayType::Uuid),
    column("registered_at", ArrayType::ChronoDateTimeUtc),
];
static CHANGING: &[Column; 9] = match REGISTRATION.first_chunk() {
    Some(columns) => columns,
    None => unreachable!(),
};
const FROM_WAITLIST: (&str, &str) = ("from_waitlist", "rows.promoted_at IS NOT NULL");
static INSERT_REGISTRATIONS: LazyLock<String> =
    LazyLock::new(|| insert_statement("registrations", &REGISTRATION, &[FROM_WAITLIST]));
static UPDATE_REGISTRATIONS: LazyLock<String> =
    LazyLock::new(|| update_statement("registrations", CHANGING, &[FROM_WAITLIST]));

fn changing_values(registration: &Registration) -> [Value; 9] {
    let (checked_in_at, cancelled_at, reason) = match &registration.standing {
        Standing::SignedIn { at } => (Some(*at), None, None),
        Standing::Cancelled { at, reason } | Standing::WorkshopCancelled { at, reason } => {
            (None, Some(*at), reason.clone())
        }
        Standing::Seated | Standing::Waiting { .. } | Standing::NoShow | Standing::Closed => (None, None, None),
    };
    [
        registration.id.uuid().into(),
        registration.track.number().into(),
        registration.standing.status().number().into(),
        registration.standing.waitlist_number().map(WaitlistNumber::number).into(),
        registration.promoted_at.into(),
        checked_in_at.into(),
        cancelled_at.into(),
        reason.into(),
        registration.note.clone().into(),
    ]
}

fn insert_registrations(batched: &mut BatchedWrite, inserted: Vec<(WorkshopId, &Registration)>, now: Timestamp) {
    let rows = RowSet::new(
        &REGISTRATION,
        inserted.into_iter().map(|(workshop, registration)| {
            let [id, track, status, waitlist_number, promoted_at, checked_in_at, cancelled_at, reason, note] =
                changing_values(registration);
            [
                id,
                track,
                status,
                waitlist_number,
                promoted_at,
                checked_in_at,
                cancelled_at,
                reason,
                note,
                workshop.uuid().into(),
                registration.guest.uuid().into(),
                registration.center.uuid().into(),
                now.into(),
            ]
        }),
    );
    batched.add("registration", rows.len(), rows, &INSERT_REGISTRATIONS);
}

async fn update_registrations(db: &impl ConnectionTrait, updated: Vec<&Registration>) -> Result<(), StoreError> {
    let rows = RowSet::new(CHANGING, updated.into_iter().map(changing_values));
    let count = rows.len();
    let affected = rows.execute(db, &UPDATE_REGISTRATIONS).await?;
    ensure_rows("registration", count, affected)
}

static WORKSHOP_COUNTERS: [Column; 4] = [
    column("id", ArrayType::Uuid),
    column("seats_taken", ArrayType::Int),
    column("waitlist_length", ArrayType::Int),
    column("next_waitlist_number", ArrayType::BigInt),
];
static UPDATE_WORKSHOPS: LazyLock<String> = LazyLock::new(|| update_statement("workshops", &WORKSHOP_COUNTERS, &[]));

fn update_workshop_counters(batched: &mut BatchedWrite, aggregates: &Aggregates, changed: &BTreeSet<WorkshopId>) {
    let rows = RowSet::new(
        &WORKSHOP_COUNTERS,
        changed.iter().filter_map(|id| aggregates.get(id)).map(|aggregate| {
            [
                aggregate.workshop.id.uuid().into(),
                counter(aggregate.workshop.seats.taken),
                counter(aggregate.workshop.waitlist.length),
                aggregate.next_waitlist_number.number().into(),
            ]
        }),
    );
    batched.add("workshop", changed.len(), rows, &UPDATE_WORKSHOPS);
}

static TRACK_COUNTERS: [Column; 2] = [column("id", ArrayType::Int), column("seats_taken", ArrayType::Int)];
static UPDATE_TRACKS: LazyLock<String> = LazyLock::new(|| update_statement("tracks", &TRACK_COUNTERS, &[]));

fn update_track_counters(
    batched: &mut BatchedWrite,
    aggregates: &Aggregates,
    changed: &BTreeSet<(WorkshopId, TrackId)>,
) {
    let seats =
        changed.iter().filter_map(|(workshop, track)| Some((track, aggregates.get(workshop)?.tracks.get(track)?)));
    let rows = RowSet::new(&TRACK_COUNTERS, seats.map(|(track, seats)| [track.number().into(), counter(seats.taken)]));
    batched.add("track", changed.len(), rows, &UPDATE_TRACKS);
}

fn counter(count: u32) -> Value {
    // Never saturates: capacities and counters come out of int4 columns, and a batch adds at most its own size.
    i32::try_from(count).unwrap_or(i32::MAX).into()
}
