use std::collections::{BTreeSet, HashMap};

use domain::{Desk, Timestamp, TrackId, WorkshopId, commands::register_guest::Admission};
use sea_orm::{ConnectionTrait, Value, sea_query::ArrayType};

use super::{Bench, Job};
use crate::{
    StoreError,
    commands::register_guest,
    desks::{self, Hold, Questions},
    fault::ensure_rows,
    idempotency::Keys,
    journal,
    rows::Rows,
    transaction,
};

/// What the commands of a batch read, and what they leave to be written.
pub(crate) struct Batch {
    pub(crate) desks: HashMap<WorkshopId, Desk>,
    pub(crate) keys: Keys,
    pub(crate) writes: Writes,
}

/// What the granted commands of a batch change.
#[derive(Default)]
pub(crate) struct Writes {
    pub(crate) admissions: Vec<(Admission, Timestamp)>,
    pub(crate) journal: Vec<journal::Entry>,
    /// Workshops whose counters moved.
    pub(crate) workshops: BTreeSet<WorkshopId>,
    /// Tracks whose counters moved.
    pub(crate) tracks: BTreeSet<(WorkshopId, TrackId)>,
}

/// One transaction: hold, load, decide, write, commit. After an error nothing was written, unless it was the answer to
/// the commit that was lost: whoever tries again has to look whether the command was settled.
pub(super) async fn commit(bench: &Bench, jobs: &mut [Box<dyn Job>]) -> Result<(), StoreError> {
    let mut questions = Questions::default();
    for job in jobs.iter() {
        job.ask(&mut questions);
    }
    let tx = transaction::begin(&bench.db).await?;
    let desks = desks::load(&tx, &questions, Hold::ForWriting).await?;
    // The time is read once the workshops are held: a command that had to wait is judged by when it got its turn.
    let now = bench.clock.now();
    let keys: Vec<_> = jobs.iter().filter_map(|job| job.key()).collect();
    let keys = Keys::load(&tx, keys, now).await?;
    let mut batch = Batch { desks, keys, writes: Writes::default() };
    for job in jobs.iter_mut() {
        job.decide(&mut batch, now)?;
    }
    write(&tx, batch, now).await?;
    Ok(tx.commit().await?)
}

async fn write(db: &impl ConnectionTrait, batch: Batch, now: Timestamp) -> Result<(), StoreError> {
    let Batch { desks, keys, writes } = batch;
    register_guest::insert(db, writes.admissions).await?;
    count_workshops(db, &desks, &writes.workshops).await?;
    count_tracks(db, &desks, &writes.tracks).await?;
    journal::append(db, writes.journal).await?;
    keys.write(db, now).await
}

async fn count_workshops(
    db: &impl ConnectionTrait,
    desks: &HashMap<WorkshopId, Desk>,
    moved: &BTreeSet<WorkshopId>,
) -> Result<(), StoreError> {
    let rows = Rows::of(
        [
            ("id", ArrayType::Uuid),
            ("seats_taken", ArrayType::Int),
            ("waitlist_length", ArrayType::Int),
            ("next_place", ArrayType::BigInt),
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
    let counted = rows
        .execute(
            db,
            "UPDATE workshops SET seats_taken = rows.seats_taken, waitlist_length = rows.waitlist_length, \
             next_place = rows.next_place FROM rows WHERE workshops.id = rows.id",
        )
        .await?;
    ensure_rows("workshop", moved.len(), counted)
}

async fn count_tracks(
    db: &impl ConnectionTrait,
    desks: &HashMap<WorkshopId, Desk>,
    moved: &BTreeSet<(WorkshopId, TrackId)>,
) -> Result<(), StoreError> {
    let seats = moved.iter().filter_map(|(workshop, track)| Some((track, desks.get(workshop)?.tracks.get(track)?)));
    let rows = Rows::of(
        [("id", ArrayType::Int), ("seats_taken", ArrayType::Int)],
        seats.map(|(track, seats)| [track.number().into(), number(seats.taken)]),
    );
    let counted = rows
        .execute(db, "UPDATE tracks SET seats_taken = rows.seats_taken FROM rows WHERE tracks.id = rows.id")
        .await?;
    ensure_rows("track", moved.len(), counted)
}

fn number(count: u32) -> Value {
    // Never saturates: capacities and counters come out of int4 columns, and a batch adds at most its own size.
    i32::try_from(count).unwrap_or(i32::MAX).into()
}
