//! What the granted commands of a transaction change, written in as many statements whatever their number.

use std::collections::{BTreeSet, HashMap};

use domain::{
    Actor, Numbered, Registration, RegistrationId, Standing, Timestamp, TrackId, Transition, WaitlistNumber,
    WorkshopAggregate, WorkshopId,
};
use sea_orm::{ConnectionTrait, Value, sea_query::ArrayType};

use crate::{
    StoreError,
    error::ensure_rows,
    journal,
    rows::{
        batched_write::BatchedWrite,
        row_set::{Column, RowSet, column, nullable},
    },
};

/// What is to be written. The values are those on the aggregates when all commands are decided.
#[derive(Default)]
pub(crate) struct Writes {
    begun: BTreeSet<(WorkshopId, RegistrationId)>,
    changed: BTreeSet<(WorkshopId, RegistrationId)>,
    journal: Vec<journal::Entry>,
    workshops: BTreeSet<WorkshopId>,
    tracks: BTreeSet<(WorkshopId, TrackId)>,
}

type Aggregates = HashMap<WorkshopId, WorkshopAggregate>;

impl Writes {
    /// Notes what a command changed on a aggregate.
    pub(crate) fn note(&mut self, aggregate: &WorkshopAggregate, transitions: &[Transition], actor: &Actor) {
        let workshop = aggregate.workshop.id;
        for transition in transitions {
            match transition.before {
                None => self.begun.insert((workshop, transition.registration)),
                Some(_) => {
                    // A guest may have left one track for another; few as they are, all are counted.
                    self.tracks.extend(aggregate.tracks.keys().map(|track| (workshop, *track)));
                    self.changed.insert((workshop, transition.registration))
                }
            };
            self.workshops.insert(workshop);
            // One that is on no aggregate fails the write below, and with it the transaction.
            if let Some(Registration { guest, center, track, .. }) =
                aggregate.registrations.get(&transition.registration)
            {
                self.tracks.insert((workshop, *track));
                let (guest, center, actor) = (*guest, *center, actor.clone());
                self.journal.push(journal::Entry { workshop, transition: *transition, guest, center, actor });
            }
        }
    }

    /// The workshops that change.
    pub(crate) fn workshops(&self) -> &BTreeSet<WorkshopId> {
        &self.workshops
    }

    /// Whether nothing was granted.
    pub(crate) fn is_empty(&self) -> bool {
        self.workshops.is_empty()
    }

    pub(crate) async fn write(
        self,
        db: &impl ConnectionTrait,
        aggregates: &Aggregates,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let begun = self
            .begun
            .iter()
            .map(|key| Ok((key.0, find_registration(aggregates, *key)?)))
            .collect::<Result<Vec<_>, StoreError>>()?;
        // What began in this transaction is written as it stands in the end.
        let changed = self.changed.difference(&self.begun);
        // First: a guest who has cancelled may have registered again, and has one live registration at a time.
        change(db, changed.map(|key| find_registration(aggregates, *key)).collect::<Result<_, _>>()?).await?;
        let mut batched = BatchedWrite::default();
        begin(&mut batched, begun, now);
        count_workshops(&mut batched, aggregates, &self.workshops);
        count_tracks(&mut batched, aggregates, &self.tracks);
        journal::append(&mut batched, self.journal, now);
        batched.execute(db).await
    }
}

fn find_registration(
    aggregates: &Aggregates,
    (workshop, id): (WorkshopId, RegistrationId),
) -> Result<&Registration, StoreError> {
    let registration = aggregates.get(&workshop).and_then(|aggregate| aggregate.registrations.get(&id));
    registration
        .ok_or_else(|| StoreError::Corrupt { what: "a changed registration", why: format!("{id} is on no aggregate") })
}

/// The columns that a registration's life changes.
fn changing() -> [Column; 8] {
    [
        column("id", ArrayType::Uuid),
        column("track_id", ArrayType::Int),
        column("status", ArrayType::SmallInt),
        nullable("waitlist_number", ArrayType::BigInt),
        nullable("promoted_at", ArrayType::ChronoDateTimeUtc),
        nullable("checked_in_at", ArrayType::ChronoDateTimeUtc),
        nullable("cancelled_at", ArrayType::ChronoDateTimeUtc),
        nullable("cancel_reason", ArrayType::String),
    ]
}

fn values(registration: &Registration) -> [Value; 8] {
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
    ]
}

fn begin(batched: &mut BatchedWrite, begun: Vec<(WorkshopId, &Registration)>, now: Timestamp) {
    let [id, track, status, waitlist_number, promoted_at, checked_in_at, cancelled_at, reason] = changing();
    let rows = RowSet::of(
        [
            id,
            track,
            status,
            waitlist_number,
            promoted_at,
            checked_in_at,
            cancelled_at,
            reason,
            column("workshop_id", ArrayType::Uuid),
            column("guest_id", ArrayType::Uuid),
            column("center_id", ArrayType::Uuid),
            column("registered_at", ArrayType::ChronoDateTimeUtc),
        ],
        begun.into_iter().map(|(workshop, registration)| {
            let [id, track, status, waitlist_number, promoted_at, checked_in_at, cancelled_at, reason] =
                values(registration);
            [
                id,
                track,
                status,
                waitlist_number,
                promoted_at,
                checked_in_at,
                cancelled_at,
                reason,
                workshop.uuid().into(),
                registration.guest.uuid().into(),
                registration.center.uuid().into(),
                now.into(),
            ]
        }),
    );
    let insert = "INSERT INTO registrations (id, workshop_id, track_id, guest_id, center_id, status, waitlist_number, from_waitlist, \
                  registered_at, promoted_at, checked_in_at, cancelled_at, cancel_reason) \
                  SELECT id, workshop_id, track_id, guest_id, center_id, status, waitlist_number, promoted_at IS NOT NULL, \
                  registered_at, promoted_at, checked_in_at, cancelled_at, cancel_reason FROM rows";
    batched.add("registration", rows.len(), rows, insert);
}

async fn change(db: &impl ConnectionTrait, changed: Vec<&Registration>) -> Result<(), StoreError> {
    let rows = RowSet::of(changing(), changed.into_iter().map(values));
    let count = rows.len();
    let written = rows
        .execute(
            db,
            "UPDATE registrations SET track_id = rows.track_id, status = rows.status, waitlist_number = rows.waitlist_number, \
             from_waitlist = rows.promoted_at IS NOT NULL, promoted_at = rows.promoted_at, \
             checked_in_at = rows.checked_in_at, cancelled_at = rows.cancelled_at, \
             cancel_reason = rows.cancel_reason FROM rows WHERE registrations.id = rows.id",
        )
        .await?;
    ensure_rows("registration", count, written)
}

fn count_workshops(batched: &mut BatchedWrite, aggregates: &Aggregates, moved: &BTreeSet<WorkshopId>) {
    let rows = RowSet::of(
        [
            column("id", ArrayType::Uuid),
            column("seats_taken", ArrayType::Int),
            column("waitlist_length", ArrayType::Int),
            column("next_waitlist_number", ArrayType::BigInt),
        ],
        moved.iter().filter_map(|id| aggregates.get(id)).map(|aggregate| {
            [
                aggregate.workshop.id.uuid().into(),
                number(aggregate.workshop.seats.taken),
                number(aggregate.workshop.waitlist.length),
                aggregate.next_waitlist_number.number().into(),
            ]
        }),
    );
    let update = "UPDATE workshops SET seats_taken = rows.seats_taken, waitlist_length = rows.waitlist_length, \
                  next_waitlist_number = rows.next_waitlist_number FROM rows WHERE workshops.id = rows.id";
    batched.add("workshop", moved.len(), rows, update);
}

fn count_tracks(batched: &mut BatchedWrite, aggregates: &Aggregates, moved: &BTreeSet<(WorkshopId, TrackId)>) {
    let seats =
        moved.iter().filter_map(|(workshop, track)| Some((track, aggregates.get(workshop)?.tracks.get(track)?)));
    let rows = RowSet::of(
        [column("id", ArrayType::Int), column("seats_taken", ArrayType::Int)],
        seats.map(|(track, seats)| [track.number().into(), number(seats.taken)]),
    );
    let update = "UPDATE tracks SET seats_taken = rows.seats_taken FROM rows WHERE tracks.id = rows.id";
    batched.add("track", moved.len(), rows, update);
}

fn number(count: u32) -> Value {
    // Never saturates: capacities and counters come out of int4 columns, and a batch adds at most its own size.
    i32::try_from(count).unwrap_or(i32::MAX).into()
}
