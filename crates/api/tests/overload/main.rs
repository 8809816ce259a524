//! Ten times what a server can do: it does what it can, says no to the rest, and is well a second later.
//!
//! `ATELIER_OVERLOAD_SECONDS` says for how long, with more callers and more work at a time: that is for the released binary on
//! a machine with nothing else to do. Without it there is a short and small rush. The figures are printed.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout)]

#[path = "../binary/mod.rs"]
mod binary;
mod crowd;
mod size;
mod watch;

use std::{
    sync::{Arc, atomic::Ordering},
    time::Instant,
};

use binary::{Connection, Server, guests, registration};
use crowd::{CALLERS, Crowd};
use macro_rules_attribute::apply;
use serde_json::{Value, json};
use size::Size;
use tests::{TestApp, a_workshop, admin, on_each_database};
use watch::Watch;

const GUESTS: usize = 1_000;

/// How many times what it can do comes afterwards.
const TIMES: u32 = 10;

/// A registration of each guest to each workshop.
async fn wanted(app: &TestApp, workshops: usize) -> Vec<Value> {
    let guests = guests(app, GUESTS).await;
    let mut wanted = Vec::new();
    for _ in 0..workshops {
        let workshop = app.given(a_workshop().capacity(None).window(None, None)).await;
        wanted.extend(guests.iter().map(|guest| registration(&workshop, guest)));
    }
    wanted
}

#[apply(on_each_database)]
async fn ten_times_what_a_server_can_do_is_refused_in_good_order(app: TestApp) {
    let size = Size::of_environment();
    let wanted = wanted(&app, size.workshops).await;
    let key = app.key(admin()).await;
    let (url, in_flight) = (&app.database.url, size.in_flight.to_string());
    let flags = ["serve", "--database-url", url, "--rate-limit", "0", "--max-in-flight", &in_flight, "--log", "error"];
    let server = Server::start(&flags);
    let crowd = Arc::new(Crowd::new(&server, key.clone(), &size, wanted));
    let (sustained, calm) = Watch::during(&server, crowd.sustained());
    let (before, settled_before) = (server.memory(), crowd.settled());
    assert_eq!(crowd.refused.load(Ordering::Relaxed), 0, "{CALLERS} at a time are not too many");

    let rushing = crowd.rush(sustained * f64::from(TIMES), size.time());
    let (come, rush) = Watch::during(&server, rushing);

    // Well again: the next who asks is served.
    let begun = Instant::now();
    let mut connection = Connection::open(&server.address).await.unwrap();
    let settled = crowd.settled();
    let query = json!({ "query": "{ workshops(first: 1) { totalCount } }" });
    while connection.post(&key, &query).await.unwrap().status != 200 {}
    let recovered = begun.elapsed();

    let served = settled - settled_before;
    let (seconds, peak) = (size.seconds, rush.memory);
    let refused = crowd.refused.load(Ordering::Relaxed);
    println!(
        "{:?}: sustains {sustained:.0} a second; {come} came in {seconds} s, of whom {served} were served, {refused} \
         refused, {} found no connection; health in {:?} (p50), {:?} (p95), {:?} (all), before in {:?} (p95); memory \
         {before} KiB before, {peak} KiB at most; well after {recovered:?}",
        app.backend(),
        crowd.unsent.load(Ordering::Relaxed),
        rush.health(50),
        rush.health(95),
        rush.health(100),
        calm.health(95),
    );
    assert!(rush.health(95) < size.healthy, "/health has to wait");
    assert!(recovered < size.well, "it is busy with what is over");
    assert!(peak < before + size.memory(), "{before} KiB grew to {peak} KiB");
    assert!(refused > 0 && come > 2 * served, "it was no rush");
    let least = sustained * size.time().as_secs_f64() / 3.0;
    assert!(f64::from(u32::try_from(served).unwrap()) > least, "it does nothing any more but refuse");

    // Exactly those who were told so have a seat.
    while crowd.idle.lock().unwrap().len() < crowd.connections.load(Ordering::Relaxed) {
        tokio::task::yield_now().await;
    }
    let taken = u64::try_from(app.database.number("SELECT SUM(seats_taken) FROM workshops").await).unwrap();
    assert_eq!(taken, crowd.settled());
}
