//! Injects faults while guests register, cancel, are promoted and check in. Servers, PostgreSQL, the connections between
//! them and a disk fail. Afterwards each acknowledged change is in the database, and none is there twice.
//!
//! `ATELIER_CRASHES` sets the number of faults on each database (one of each kind). `ATELIER_CRASH_SEED` repeats the
//! choices of an earlier run, as far as timing allows.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout)]

#[path = "../binary/mod.rs"]
mod binary;
mod client;
mod command;
mod disk;
mod environment;
mod history;
mod inject_fault;
mod options;
mod proxy;
mod rng;
mod stats;
mod test_bed;
mod wait;
mod worker;

use std::io::Write;

use tests::{Cluster, available};

use disk::Disk;
use environment::Environment;
use history::Discrepancies;
use inject_fault::Fault;
use test_bed::TestBed;

#[test]
fn sqlite_loses_and_duplicates_no_acknowledged_change() {
    let disk = Disk::mount();
    let mut kinds = vec![Fault::ServerKilled, Fault::ServerFrozen];
    kinds.extend(disk.as_ref().map(|_| Fault::DiskFull));
    inject_faults("SQLite", Environment::Sqlite { disk }, &kinds);
}

#[test]
fn postgres_loses_and_duplicates_no_acknowledged_change() {
    let Some(cluster) = available(Cluster::durable()) else { return };
    let kinds = [
        Fault::ServerKilled,
        Fault::CutAfterCommit,
        Fault::DatabaseKilled,
        Fault::ServerFrozen,
        Fault::CutBeforeCommit,
        Fault::DatabaseStopped,
        Fault::CutAnywhere,
    ];
    inject_faults("PostgreSQL", Environment::on_cluster(cluster), &kinds);
}

/// Injects one fault after the other, and prints the counters.
fn inject_faults(system: &str, environment: Environment, kinds: &[Fault]) {
    let rng = rng::new_rng();
    let seed = rng.get_seed();
    let faults = options::faults(kinds);
    let mut test_bed = TestBed::start(environment, faults.len(), rng);
    let mut sum = Discrepancies::default();
    for (number, fault) in faults.iter().enumerate() {
        // If the test fails here, this line has the seed to repeat it.
        println!("ATELIER_CRASH_SEED={seed}, fault {} of {}: {fault:?}", number + 1, faults.len());
        let Discrepancies { lost, duplicated } = test_bed.run_round(|test_bed| test_bed.inject_fault(*fault));
        sum.lost.extend(lost);
        sum.duplicated.extend(duplicated);
    }
    let (stats, kinds) = (test_bed.stats(), stats::count_by_kind(&faults));
    // Written directly to standard error, because the test runner captures `eprintln!`.
    let _ = writeln!(
        std::io::stderr(),
        "\n{system}: {} faults ({kinds}); {stats}; {} lost, {} duplicated; ATELIER_CRASH_SEED={seed}",
        faults.len(),
        sum.lost.len(),
        sum.duplicated.len()
    );
    assert_eq!(sum, Discrepancies::default());
}
