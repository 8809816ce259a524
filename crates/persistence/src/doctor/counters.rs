//! The counters of workshops and tracks, and the capacities that they never pass.

use domain::RegistrationStatus;
use sea_orm::{ConnectionTrait, DbErr, QueryResult};

use super::{
    Finding, among, ask,
    finding::{number, track, workshop},
};

/// What keeps counters of its registrations.
pub(super) struct Keeper {
    pub(super) table: &'static str,
    /// Its column with the id of its workshop.
    pub(super) workshop: &'static str,
    /// The columns of a registration that tell whose it is.
    key: &'static str,
    /// When what was `counted` is that of what is `kept`.
    whose: &'static str,
    name: fn(&QueryResult, &str) -> Result<String, DbErr>,
}

const WORKSHOPS: Keeper = Keeper {
    table: "workshops",
    workshop: "id",
    key: "workshop_id",
    whose: "counted.workshop_id = kept.id",
    name: workshop,
};

const TRACKS: Keeper = Keeper {
    table: "tracks",
    workshop: "workshop_id",
    key: "workshop_id, track_id",
    // A registration that mixes the track of one workshop with another is counted for neither: it is a finding itself.
    whose: "counted.workshop_id = kept.workshop_id AND counted.track_id = kept.id",
    name: track,
};

/// A number that is kept beside the rows that it counts.
pub(super) struct Counter {
    pub(super) keeper: Keeper,
    pub(super) column: &'static str,
    /// How it is counted.
    count: &'static str,
    /// Registrations in which states are; `None`: in any.
    among: Option<&'static [RegistrationStatus]>,
    /// How what is kept compares with what was counted when it is wrong.
    wrong: &'static str,
    /// Whether it counts seats, which the keeper's capacity limits.
    pub(super) is_of_seats: bool,
}

pub(super) const COUNTERS: [Counter; 4] = [
    Counter {
        keeper: WORKSHOPS,
        column: "seats_taken",
        count: "COUNT(*)",
        among: Some(&RegistrationStatus::SEATED),
        wrong: "<>",
        is_of_seats: true,
    },
    Counter {
        keeper: WORKSHOPS,
        column: "waitlist_length",
        count: "COUNT(*)",
        among: Some(&[RegistrationStatus::Waitlisted]),
        wrong: "<>",
        is_of_seats: false,
    },
    Counter {
        keeper: WORKSHOPS,
        column: "next_waitlist_number",
        count: "MAX(waitlist_number) + 1",
        among: None,
        // Who leaves the line takes the place along, so the next one may be further on than the rows tell.
        wrong: "<",
        is_of_seats: false,
    },
    Counter {
        keeper: TRACKS,
        column: "seats_taken",
        count: "COUNT(*)",
        among: Some(&RegistrationStatus::SEATED),
        wrong: "<>",
        is_of_seats: true,
    },
];

/// Of which workshops.
#[derive(Clone, Copy)]
pub(super) enum Of {
    All,
    /// Those whose ids are the `rows`.
    RowSet,
}

impl Counter {
    /// What is counted: the keeper's key and `number`.
    fn counted(&self, of: Of) -> String {
        let Self { keeper: Keeper { key, .. }, count, .. } = self;
        let which = self.among.map_or_else(|| "true".to_owned(), |statuses| format!("status IN ({})", among(statuses)));
        let here = match of {
            Of::All => "",
            Of::RowSet => " AND workshop_id IN (SELECT id FROM rows)",
        };
        format!("SELECT {key}, {count} AS number FROM registrations WHERE {which}{here} GROUP BY {key}")
    }

    /// Where it disagrees: `id`, `workshop_id`, `stored` and `counted`.
    pub(super) fn disagreeing(&self, of: Of) -> String {
        let Self { keeper: Keeper { table, workshop, whose, .. }, column, wrong, .. } = self;
        let here = match of {
            Of::All => String::new(),
            Of::RowSet => format!(" AND kept.{workshop} IN (SELECT id FROM rows)"),
        };
        format!(
            "SELECT kept.id, kept.{workshop} AS workshop_id, CAST(kept.{column} AS bigint) AS stored, \
             COALESCE(counted.number, 0) AS counted \
             FROM {table} AS kept LEFT JOIN ({}) AS counted ON {whose} \
             WHERE kept.{column} {wrong} COALESCE(counted.number, 0){here}",
            self.counted(of)
        )
    }

    /// Where more is counted than the capacity allows: `id`, `capacity` and `counted`.
    fn beyond_capacity(&self) -> String {
        let Keeper { table, whose, .. } = self.keeper;
        format!(
            "SELECT kept.id, CAST(kept.capacity AS bigint) AS capacity, counted.number AS counted \
             FROM {table} AS kept JOIN ({}) AS counted ON {whose} WHERE counted.number > kept.capacity ORDER BY kept.id",
            self.counted(Of::All)
        )
    }
}

pub(super) async fn examine(db: &impl ConnectionTrait) -> Result<Vec<Finding>, DbErr> {
    let mut findings = Vec::new();
    for counter in &COUNTERS {
        let (name, column) = (counter.keeper.name, counter.column);
        let disagreeing = format!("{} ORDER BY id", counter.disagreeing(Of::All));
        let wrong = ask(db, &disagreeing, |row| {
            let (stored, counted) = (number(row, "stored")?, number(row, "counted")?);
            Ok(Finding::of(&name(row, "id")?, format!("{column} is {stored}, its registrations say {counted}")))
        });
        findings.extend(wrong.await?);
        if counter.is_of_seats {
            let oversold = counter.beyond_capacity();
            let oversold = ask(db, &oversold, |row| {
                let (capacity, counted) = (number(row, "capacity")?, number(row, "counted")?);
                Ok(Finding::of(
                    &name(row, "id")?,
                    format!("its capacity is {capacity}, its registrations hold {counted} seats"),
                ))
            });
            findings.extend(oversold.await?);
        }
    }
    Ok(findings)
}
