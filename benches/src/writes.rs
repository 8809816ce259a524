//! M1, M2 and M2w: registrations for many workshops, for one workshop, and for one workshop with a waitlist.

use std::{sync::Arc, time::Duration};

use clap::Args;

use crate::{
    baseline_sqlite,
    clients::{Clients, Outcomes},
    consistency,
    dataset::Dataset,
    measurement::{Measurement, median},
    process::Server,
    reference_sql,
    registration_pairs::RegistrationPairs,
    report,
    wrk::LoadArguments,
};

#[derive(Args, Clone, Copy, Debug)]
pub(crate) struct WriteArguments {
    /// Connections of the writes.
    #[arg(long, default_value_t = 64)]
    pub(crate) writers: u32,
    /// Workshops of M1.
    #[arg(long, default_value_t = 1_000)]
    pub(crate) spread: u32,
    /// Guests of M2 and M2w, who all register for one workshop.
    #[arg(long, default_value_t = 5_000)]
    pub(crate) rush: u32,
    /// Seats of that workshop.
    #[arg(long, default_value_t = 500)]
    pub(crate) seats: u32,
}

/// More registrations per second than any run reaches.
const MAX_RATE: u32 = 20_000;

/// The measurements of all rounds of a benchmark.
#[derive(Default)]
struct Rounds {
    atelier: Vec<Measurement>,
    reference: Vec<Measurement>,
}

pub(crate) async fn run(dataset: &Dataset, server: &Server, load: LoadArguments, arguments: WriteArguments) {
    let WriteArguments { writers, spread, rush, seats } = arguments;
    let mut next = dataset.size.workshops;
    let mut added = Vec::new();
    let (rounds, single_workshops) = (load.rounds, if dataset.is_postgres() { 3 } else { 2 });
    let single = (0..rounds * single_workshops).map(|_| (1, Some(seats)));
    for (count, seats) in [(spread, None); 2].into_iter().chain(single) {
        added.push(dataset.add_workshops(next, count, seats).await);
        next += count;
    }
    let mut added = added.into_iter();
    let mut next_pairs = || added.next().expect("workshops for each measurement");
    let (atelier_pairs, reference_pairs) = (next_pairs(), next_pairs());
    let (mut m1, mut m2, mut m2w) = (Rounds::default(), Rounds::default(), Rounds::default());
    for round in 0..rounds {
        let from = round * load.seconds * MAX_RATE;
        let clients = Clients {
            guests: load.seconds * MAX_RATE,
            connections: writers,
            duration: Some(Duration::from_secs(load.seconds.into())),
            joins_waitlist: false,
        };
        m1.atelier.push(register(dataset, server, &atelier_pairs, from, clients).await.0);
        m1.reference.push(if dataset.is_postgres() {
            let script = reference_sql::many_workshops(&reference_pairs, dataset.size, from, load.seconds);
            script.run(&dataset.url).await
        } else {
            baseline_sqlite::register(dataset, &reference_pairs, from, load.seconds).await
        });
        for joins_waitlist in [false, true] {
            let pairs = next_pairs();
            let clients = Clients { guests: rush, connections: writers, duration: None, joins_waitlist };
            let (measurement, outcomes) = register(dataset, server, &pairs, 0, clients).await;
            let without_seat = rush.saturating_sub(seats);
            let (waitlisted, refused) = if joins_waitlist { (without_seat, 0) } else { (0, without_seat) };
            let expected = Outcomes { seated: rush.min(seats), waitlisted, refused };
            assert_eq!(outcomes, expected, "the responses to all guests");
            consistency::check_workshop(dataset, pairs.first_workshop, expected).await;
            if joins_waitlist { &mut m2w } else { &mut m2 }.atelier.push(measurement);
        }
        if dataset.is_postgres() {
            let script = reference_sql::one_workshop(&next_pairs(), dataset.size, rush, writers);
            m2w.reference.push(script.run(&dataset.url).await);
        }
    }
    consistency::check_all(dataset).await;
    print_report(dataset, &m1, &m2, &m2w);
}

/// Registers pairs at the server, beginning with the pair number `from`.
async fn register(
    dataset: &Dataset,
    server: &Server,
    pairs: &RegistrationPairs,
    from: u32,
    clients: Clients,
) -> (Measurement, Outcomes) {
    let (pairs, api_key) = (pairs.clone(), dataset.api_key.clone());
    let request = move |number, waitlist| pairs.request(from + number, waitlist, &api_key).persistent_bytes();
    clients.run(server, Arc::new(request)).await
}

fn print_report(dataset: &Dataset, m1: &Rounds, m2: &Rounds, m2w: &Rounds) {
    let (atelier, reference) = (median(&m1.atelier), median(&m1.reference));
    let ratio = atelier.rate / reference.rate;
    report::print_measurement("M1", "registerGuest", "guest", atelier);
    if dataset.is_postgres() {
        report::print_measurement("M1", "pgbench, one statement", "guest", reference);
        report::print_minimum("M1 rate, relative to pgbench", ratio, "", 1.0);
    } else {
        report::print_measurement("M1", "loop of single commits", "guest", reference);
        report::print_minimum("M1 rate, relative to a loop of single commits", ratio, "", 3.0);
    }
    report::print_measurement("M2", "registerGuest", "guest", median(&m2.atelier));
    let atelier = median(&m2w.atelier);
    report::print_measurement("M2w", "registerGuest", "guest", atelier);
    if dataset.is_postgres() {
        let reference = median(&m2w.reference);
        report::print_measurement("M2w", "pgbench, a transaction", "guest", reference);
        report::print_minimum("M2w rate, relative to pgbench", atelier.rate / reference.rate, "", 6.0);
    }
    report::print_maximum("M2w p99", atelier.p99_ms, " ms", 60.0);
    report::print_line("      M2 and M2w seats, waitlist numbers and responses agree with the database: met");
}
