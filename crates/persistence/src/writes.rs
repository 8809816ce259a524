//! What the granted commands of a transaction change, written in as many statements whatever their number.

use std::collections::{BTreeSet, HashMap};

use domain::{
    Actor, Desk, Numbered, Place, Registration, RegistrationId, Standing, Timestamp, TrackId, Transition, WorkshopId,
};
use sea_orm::{ConnectionTrait, Value, sea_query::ArrayType};

use crate::{
    StoreError,
    fault::ensure_rows,
    journal,
    rows::{Column, Rows, column, nullable},
    together::Together,
};

/// What is to be written. The values are those on the desks when all commands are decided.
#[derive(Default)]
pub(crate) struct Writes {
    begun: BTreeSet<(WorkshopId, RegistrationId)>,
    changed: BTreeSet<(WorkshopId, RegistrationId)>,
    journal: Vec<journal::Entry>,
    workshops: BTreeSet<WorkshopId>,
    tracks: BTreeSet<(WorkshopId, TrackId)>,
}

type Desks = HashMap<WorkshopId, Desk>;

impl Writes {
    /// Notes what a command changed on a desk.
    pub(crate) fn note(&mut self, desk: &Desk, transitions: &[Transition], actor: &Actor) {
        let workshop = desk.workshop.id;
        for transition in transitions {
            match transition.before {
                None => self.begun.insert((workshop, transition.registration)),
                Some(_) => {
                    // A guest may have left one track for another; few as they are, all are counted.
                    self.tracks.extend(desk.tracks.keys().map(|track| (workshop, *track)));
                    self.changed.insert((workshop, transition.registration))
                }
            };
            self.workshops.insert(workshop);
            // One that is on no desk fails the write below, and with it the transaction.
            if let Some(Registration { guest, center, track, .. }) = desk.registrations.get(&transition.registration) {
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
        desks: &Desks,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let begun =
            self.begun.iter().map(|key| Ok((key.0, on_desk(desks, *key)?))).collect::<Result<Vec<_>, StoreError>>()?;
        // What began in this transaction is written as it stands in the end.
        let changed = self.changed.difference(&self.begun);
        // First: a guest who has cancelled may have registered again, and has one live registration at a time.
        change(db, changed.map(|key| on_desk(desks, *key)).collect::<Result<_, _>>()?).await?;
        let mut together = Together::default();
        begin(&mut together, begun, now);
        count_workshops(&mut together, desks, &self.workshops);
        count_tracks(&mut together, desks, &self.tracks);
        journal::append(&mut together, self.journal, now);
        together.execute(db).await
    }
}

fn on_desk(desks: &Desks, (workshop, id): (WorkshopId, RegistrationId)) -> Result<&Registration, StoreError> {
    let registration = desks.get(&workshop).and_then(|desk| desk.registrations.get(&id));
    registration
        .ok_or_else(|| StoreError::Corrupt { what: "a changed registration", why: format!("{id} is on no desk") })
}

/// The columns that a registration's life changes.
fn changing() -> [Column; 8] {
    [
        column("id", ArrayType::Uuid),
        column("track_id", ArrayType::Int),
        column("status", ArrayType::SmallInt),
        nullable("place", ArrayType::BigInt),
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
        registration.standing.place().map(Place::number).into(),
        registration.promoted_at.into(),
        checked_in_at.into(),
        cancelled_at.into(),
        reason.into(),
    ]
}

fn begin(together: &mut Together, begun: Vec<(WorkshopId, &Registration)>, now: Timestamp) {
    let [id, track, status, place, promoted_at, checked_in_at, cancelled_at, reason] = changing();
    let rows = Rows::of(
        [
            id,
            track,
            status,
            place,
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
            let [id, track, status, place, promoted_at, checked_in_at, cancelled_at, reason] = values(registration);
            [
                id,
                track,
                status,
                place,
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
    let insert = "INSERT INTO registrations (id, workshop_id, track_id, guest_id, center_id, status, place, from_waitlist, \
                  registered_at, promoted_at, checked_in_at, cancelled_at, cancel_reason) \
                  SELECT id, workshop_id, track_id, guest_id, center_id, status, place, promoted_at IS NOT NULL, \
                  registered_at, promoted_at, checked_in_at, cancelled_at, cancel_reason FROM rows";
    together.add("registration", rows.len(), rows, insert);
}

async fn change(db: &impl ConnectionTrait, changed: Vec<&Registration>) -> Result<(), StoreError> {
    let rows = Rows::of(changing(), changed.into_iter().map(values));
    let count = rows.len();
    let written = rows
        .execute(
            db,
            "UPDATE registrations SET track_id = rows.track_id, status = rows.status, place = rows.place, \
             from_waitlist = rows.promoted_at IS NOT NULL, promoted_at = rows.promoted_at, \
             checked_in_at = rows.checked_in_at, cancelled_at = rows.cancelled_at, \
             cancel_reason = rows.cancel_reason FROM rows WHERE registrations.id = rows.id",
        )
        .await?;
    ensure_rows("registration", count, written)
}

fn count_workshops(together: &mut Together, desks: &Desks, moved: &BTreeSet<WorkshopId>) {
    let rows = Rows::of(
        [
            column("id", ArrayType::Uuid),
            column("seats_taken", ArrayType::Int),
            column("waitlist_length", ArrayType::Int),
            column("next_place", ArrayType::BigInt),
        ],
        moved.iter().filter_map(|id| desks.get(id)).map(|desk| {
            [
                desk.workshop.id.uuid().into(),
                number(desk.workshop.seats.taken),
                number(desk.workshop.waitlist.length),
                desk.next_place.number().into(),
            ]
        }),
    );
    let update = "UPDATE workshops SET seats_taken = rows.seats_taken, waitlist_length = rows.waitlist_length, \
                  next_place = rows.next_place FROM rows WHERE workshops.id = rows.id";
    together.add("workshop", moved.len(), rows, update);
}

fn count_tracks(together: &mut Together, desks: &Desks, moved: &BTreeSet<(WorkshopId, TrackId)>) {
    let seats = moved.iter().filter_map(|(workshop, track)| Some((track, desks.get(workshop)?.tracks.get(track)?)));
    let rows = Rows::of(
        [column("id", ArrayType::Int), column("seats_taken", ArrayType::Int)],
        seats.map(|(track, seats)| [track.number().into(), number(seats.taken)]),
    );
    let update = "UPDATE tracks SET seats_taken = rows.seats_taken FROM rows WHERE tracks.id = rows.id";
    together.add("track", moved.len(), rows, update);
}

fn number(count: u32) -> Value {
    // Never saturates: capacities and counters come out of int4 columns, and a batch adds at most its own size.
    i32::try_from(count).unwrap_or(i32::MAX).into()
}
