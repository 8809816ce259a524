//! The counters of workshops and tracks, and the capacities that bound them.

use domain::RegistrationStatus;
use sea_orm::{ConnectionTrait, DbErr, QueryResult};

use super::{
    Finding, find,
    finding::{number, track, workshop},
    status_list,
};

/// A table with counters of its registrations.
pub(super) struct CounterTable {
    pub(super) table: &'static str,
    /// The column with the id of the workshop.
    pub(super) workshop: &'static str,
    /// The columns of a registration that identify the counting row.
    key: &'static str,
    /// The condition that joins `counted` to `target`, the counting row.
    join: &'static str,
    name: fn(&QueryResult, &str) -> Result<String, DbErr>,
}

const WORKSHOPS: CounterTable = CounterTable {
    table: "workshops",
    workshop: "id",
    key: "workshop_id",
    join: "counted.workshop_id = target.id",
    name: workshop,
};

const TRACKS: CounterTable = CounterTable {
    table: "tracks",
    workshop: "workshop_id",
    key: "workshop_id, track_id",
    // A registration with the track of another workshop is counted for neither, and is a finding of its own.
    join: "counted.workshop_id = target.workshop_id AND counted.track_id = target.id",
    name: track,
};

/// A column that counts rows of another table.
pub(super) struct Counter {
    pub(super) table: CounterTable,
    pub(super) column: &'static str,
    /// The aggregate function that counts.
    count: &'static str,
    /// The statuses of the counted registrations; `None`: all.
    statuses: Option<&'static [RegistrationStatus]>,
    /// The comparison of the stored and the counted number that is a finding.
    wrong: &'static str,
    /// Whether it counts seats, which the capacity limits.
    pub(super) counts_seats: bool,
}

pub(super) const COUNTERS: [Counter; 4] = [
    Counter {
        table: WORKSHOPS,
        column: "seats_taken",
        count: "COUNT(*)",
        statuses: Some(&RegistrationStatus::SEATED),
        wrong: "<>",
        counts_seats: true,
    },
    Counter {
        table: WORKSHOPS,
        column: "waitlist_length",
        count: "COUNT(*)",
        statuses: Some(&[RegistrationStatus::Waitlisted]),
        wrong: "<>",
        counts_seats: false,
    },
    Counter {
        table: WORKSHOPS,
        column: "next_waitlist_number",
        count: "MAX(waitlist_number) + 1",
        statuses: None,
        // A registration that leaves the waitlist loses its number, so the next one can be greater than the rows show.
        wrong: "<",
        counts_seats: false,
    },
    Counter {
        table: TRACKS,
        column: "seats_taken",
        count: "COUNT(*)",
        statuses: Some(&RegistrationStatus::SEATED),
        wrong: "<>",
        counts_seats: true,
    },
];

/// The workshops whose counters are counted.
#[derive(Clone, Copy)]
pub(super) enum CounterScope {
    All,
    /// The workshops whose ids are in `rows`.
    Rows,
}

impl Counter {
    /// A query for the counted numbers: the key columns and `number`.
    fn counted(&self, scope: CounterScope) -> String {
        let Self { table: CounterTable { key, .. }, count, .. } = self;
        let in_status = self
            .statuses
            .map_or_else(|| "true".to_owned(), |statuses| format!("status IN ({})", status_list(statuses)));
        let in_scope = match scope {
            CounterScope::All => "",
            CounterScope::Rows => " AND workshop_id IN (SELECT id FROM rows)",
        };
        format!("SELECT {key}, {count} AS number FROM registrations WHERE {in_status}{in_scope} GROUP BY {key}")
    }

    /// A query for the wrong counters: `id`, `workshop_id`, `stored` and `counted`.
    pub(super) fn mismatches(&self, scope: CounterScope) -> String {
        let Self { table: CounterTable { table, workshop, join, .. }, column, wrong, .. } = self;
        let in_scope = match scope {
            CounterScope::All => String::new(),
            CounterScope::Rows => format!(" AND target.{workshop} IN (SELECT id FROM rows)"),
        };
        format!(
            "SELECT target.id, target.{workshop} AS workshop_id, CAST(target.{column} AS bigint) AS stored, \
             COALESCE(counted.number, 0) AS counted \
             FROM {table} AS target LEFT JOIN ({}) AS counted ON {join} \
             WHERE target.{column} {wrong} COALESCE(counted.number, 0){in_scope}",
            self.counted(scope)
        )
    }

    /// A query for the rows whose count exceeds their capacity: `id`, `capacity` and `counted`.
    fn oversold(&self) -> String {
        let CounterTable { table, join, .. } = self.table;
        format!(
            "SELECT target.id, CAST(target.capacity AS bigint) AS capacity, counted.number AS counted \
             FROM {table} AS target JOIN ({}) AS counted ON {join} \
             WHERE counted.number > target.capacity ORDER BY target.id",
            self.counted(CounterScope::All)
        )
    }
}

pub(super) async fn examine(db: &impl ConnectionTrait) -> Result<Vec<Finding>, DbErr> {
    let mut findings = Vec::new();
    for counter in &COUNTERS {
        let (name, column) = (counter.table.name, counter.column);
        let mismatches = format!("{} ORDER BY id", counter.mismatches(CounterScope::All));
        let mismatches = find(db, &mismatches, |row| {
            let (stored, counted) = (number(row, "stored")?, number(row, "counted")?);
            let detail = format!("{column} is {stored}, but its registrations give {counted}");
            Ok(Finding::new(&name(row, "id")?, detail))
        });
        findings.extend(mismatches.await?);
        if counter.counts_seats {
            let oversold = counter.oversold();
            let oversold = find(db, &oversold, |row| {
                let (capacity, counted) = (number(row, "capacity")?, number(row, "counted")?);
                let detail = format!("its capacity is {capacity}, but its registrations take {counted} seats");
                Ok(Finding::new(&name(row, "id")?, detail))
            });
            findings.extend(oversold.await?);
        }
    }
    Ok(findings)
}
