//! Sends ten times as many requests as the server can handle. It serves what it can, rejects the rest at once, and recovers
//! within a second.
//!
//! `ATELIER_OVERLOAD_SECONDS` sets the duration and selects the full size, for the release binary on an idle machine.
//! Without it the load is short and small. The test prints its figures.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout)]

#[path = "../binary/mod.rs"]
mod binary;
mod load;
mod size;

use std::{sync::Arc, time::Instant};

use binary::{Connection, HealthProbe, Server, create_guests, registration_request};
use load::{CLIENTS, Load};
use macro_rules_attribute::apply;
use serde_json::{Value, json};
use size::Size;
use tests::{TestApp, a_workshop, admin, on_each_database};

const GUESTS: usize = 1_000;

/// The offered load, relative to the sustained rate.
const OVERLOAD_FACTOR: u32 = 10;

/// A registration of each guest for each workshop.
async fn registration_requests(app: &TestApp, workshops: usize) -> Vec<Value> {
    let guests = create_guests(app, GUESTS).await;
    let mut requests = Vec::new();
    for _ in 0..workshops {
        let workshop = app.given(a_workshop().capacity(None).window(None, None)).await;
        requests.extend(guests.iter().map(|guest| registration_request(&workshop, guest)));
    }
    requests
}

#[apply(on_each_database)]
async fn an_overloaded_server_serves_what_it_can_and_rejects_the_rest(app: TestApp) {
    let size = Size::from_environment();
    let requests = registration_requests(&app, size.workshops).await;
    let key = app.key(admin()).await;
    let (url, in_flight) = (&app.database.url, size.in_flight.to_string());
    // All connections have one address, and some of them only probe.
    let per_address = (2 * size.connections).to_string();
    let limits = ["--rate-limit", "0", "--max-in-flight", &in_flight, "--connections-per-address", &per_address];
    let server = Server::start(&[&["serve", "--database-url", url, "--log", "error"], &limits[..]].concat());
    let load = Arc::new(Load::new(&server, key.clone(), &size, requests));
    let (sustained, normal) = HealthProbe::run_during(&server, load.run_closed_loop());
    let (memory_before, registered_before) = (server.memory_kib(), load.registered());
    assert_eq!(load.rejected(), 0, "the server accepts {CLIENTS} requests at a time");

    let open_loop = load.run_open_loop(sustained * f64::from(OVERLOAD_FACTOR), size.duration());
    let ((offered, mut in_flight), overload) = HealthProbe::run_during(&server, open_loop);

    // The server has recovered when it answers the next query.
    let begun = Instant::now();
    let mut connection = Connection::open(&server.address).await.unwrap();
    let registered = load.registered();
    let query = json!({ "query": "{ workshops(first: 1) { totalCount } }" });
    while connection.post(&key, &query).await.unwrap().status != 200 {}
    let recovery = begun.elapsed();

    let served = registered - registered_before;
    let (seconds, peak) = (size.seconds, overload.peak_memory_kib);
    let rejected = load.rejected();
    println!(
        "{:?}: sustained rate {sustained:.0} registrations/s; overload for {seconds} s: {offered} offered, {served} served, \
         {rejected} rejected, {} without a connection; latency of /health: p50 {:?}, p95 {:?}, max {:?} (p95 before: {:?}); \
         memory: {memory_before} KiB before, {peak} KiB peak; recovery in {recovery:?}",
        app.backend(),
        load.unsent(),
        overload.latencies.percentile(50),
        overload.latencies.percentile(95),
        overload.latencies.percentile(100),
        normal.latencies.percentile(95),
    );
    assert!(overload.latencies.percentile(95) < size.max_health_latency, "/health is too slow under overload");
    assert!(recovery < size.max_recovery, "the server recovers too slowly");
    assert!(peak < memory_before + size.max_added_memory_kib(), "memory grew from {memory_before} KiB to {peak} KiB");
    assert!(rejected > 0 && offered > 2 * served, "the load did not exceed what the server can handle");
    let least = sustained * size.duration().as_secs_f64() / 3.0;
    assert!(
        f64::from(u32::try_from(served).unwrap()) > least,
        "under overload the server serves too few registrations"
    );

    // The database has one seat for each acknowledged registration.
    while let Some(request) = in_flight.join_next().await {
        request.unwrap();
    }
    let taken = u64::try_from(app.database.number("SELECT SUM(seats_taken) FROM workshops").await).unwrap();
    assert_eq!(taken, load.registered());
}
