//! Everything that can go down goes down while guests register, cancel, move up and come: servers, PostgreSQL, the
//! connections between them, a disk. What was acknowledged is there afterwards, and nothing is there twice.
//! `ATELIER_CRASHES` says how many crashes there are on each database (one of each kind), `ATELIER_CRASH_SEED` has a run
//! choose as an earlier one did, as far as the machine lets it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout)]

mod ask;
#[path = "../binary/mod.rs"]
mod binary;
mod caller;
mod chance;
mod command;
mod disk;
mod ground;
mod ledger;
mod proxy;
mod room;
mod strike;
mod tally;

use std::io::Write;

use tests::{Cluster, available};

use disk::Disk;
use ground::Ground;
use ledger::Verdict;
use room::Room;
use strike::Crash;

#[test]
fn nothing_is_lost_and_nothing_doubled_on_sqlite() {
    let disk = Disk::small();
    let mut kinds = vec![Crash::ServerKilled, Crash::ServerFrozen];
    kinds.extend(disk.as_ref().map(|_| Crash::DiskFull));
    endure("SQLite", Ground::Sqlite { disk }, &kinds);
}

#[test]
fn nothing_is_lost_and_nothing_doubled_on_postgres() {
    let Some(cluster) = available(Cluster::durable()) else { return };
    let kinds = [
        Crash::ServerKilled,
        Crash::CutAfterCommit,
        Crash::DatabaseKilled,
        Crash::ServerFrozen,
        Crash::CutBeforeCommit,
        Crash::DatabaseStopped,
        Crash::CutAnywhere,
    ];
    endure("PostgreSQL", Ground::on(cluster), &kinds);
}

/// One crash after the other, and the figures.
fn endure(system: &str, ground: Ground, kinds: &[Crash]) {
    let rng = chance::rng();
    let seed = rng.get_seed();
    let crashes = chance::crashes(kinds);
    let mut room = Room::open(ground, crashes.len(), rng);
    let mut sum = Verdict::default();
    for (number, crash) in crashes.iter().enumerate() {
        // Should the test end here this is what can be repeated.
        println!("ATELIER_CRASH_SEED={seed}, crash {number} of {}: {crash:?}", crashes.len());
        let Verdict { lost, doubled } = room.round(|room| room.strike(*crash));
        sum.lost.extend(lost);
        sum.doubled.extend(doubled);
    }
    let (tally, kinds) = (room.tally(), tally::count(&crashes));
    // Written past the test runner, which would keep it to itself.
    let _ = writeln!(
        std::io::stderr(),
        "\n{system}: {} crashes ({kinds}); {tally}; {} lost, {} doubled; ATELIER_CRASH_SEED={seed}",
        crashes.len(),
        sum.lost.len(),
        sum.doubled.len()
    );
    assert_eq!(sum, Verdict::default());
}
