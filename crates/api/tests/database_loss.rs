//! PostgreSQL stops and starts again: the server reports it on `/ready`, rejects requests and then recovers by itself.
//!
//! `ATELIER_LOSSES` sets how often PostgreSQL stops (2). The test prints its figures.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout)]

mod binary;

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use binary::{Connection, JournalFollower, Server, create_guests, read_journal, registration_request, wait_until};
use serde_json::{Value, json};
use tests::{ApiKey, Cluster, Database, TestApp, a_workshop, admin, available};
use tokio::{
    task::{JoinSet, block_in_place},
    time::{Instant, MissedTickBehavior, interval},
};

const CLIENTS: usize = 4;
/// The shortest time between two requests of a client.
const REQUEST_INTERVAL: Duration = Duration::from_millis(50);
/// The server's `--database-timeout`, in seconds.
const DATABASE_TIMEOUT: u64 = 1;
const GUESTS_PER_LOSS: usize = 800;

/// Clients that register guests, and repeat a rejected request until it succeeds.
struct Clients {
    address: String,
    key: ApiKey,
    requests: Mutex<Vec<Value>>,
    is_over: AtomicBool,
    acknowledged: AtomicUsize,
    rejected: AtomicUsize,
    slowest_response: Mutex<Duration>,
}

impl Clients {
    async fn register_guests(&self) {
        let mut connection = Connection::open(&self.address).await.unwrap();
        let mut requests = interval(REQUEST_INTERVAL);
        requests.set_missed_tick_behavior(MissedTickBehavior::Delay);
        while !self.is_over.load(Ordering::Relaxed) {
            let body = self.requests.lock().unwrap().pop().expect("enough guests for the whole test");
            requests.tick().await;
            while !self.register(&mut connection, &body).await {
                requests.tick().await;
            }
        }
    }

    /// Sends one registration, and returns whether it succeeded.
    async fn register(&self, connection: &mut Connection, body: &Value) -> bool {
        let begun = Instant::now();
        let response = connection.post(&self.key, body).await.unwrap();
        self.record_duration(begun.elapsed());
        let is_success = response.status == 200;
        if is_success {
            assert_eq!(response.root_field()["__typename"], "Registration", "{response:?}");
            self.acknowledged.fetch_add(1, Ordering::Relaxed);
        } else {
            assert!(response.is_retryable(), "{response:?}");
            self.rejected.fetch_add(1, Ordering::Relaxed);
        }
        is_success
    }

    fn record_duration(&self, duration: Duration) {
        let mut slowest = self.slowest_response.lock().unwrap();
        *slowest = duration.max(*slowest);
    }

    async fn wait_for_more(&self, counter: &AtomicUsize, count: usize) -> Duration {
        let enough = counter.load(Ordering::Relaxed) + count;
        wait_until(async || counter.load(Ordering::Relaxed) >= enough).await
    }
}

/// Polls `/ready` until it has a status, and returns the time that took.
async fn wait_for_ready_status(server: &Server, status: u16) -> Duration {
    let mut connection = Connection::open(&server.address).await.unwrap();
    wait_until(async || connection.get("/ready").await.unwrap().status == status).await
}

#[test]
fn a_server_recovers_when_its_database_comes_back() {
    let Some(cluster) = available(Cluster::durable()) else { return };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(4).enable_all().build().unwrap();
    runtime.block_on(stop_and_start_database(&cluster));
}

async fn stop_and_start_database(cluster: &Cluster) {
    let losses = std::env::var("ATELIER_LOSSES").map_or(2, |losses| losses.parse().unwrap());
    let app = TestApp::over_database(Database::on_cluster(cluster).await).await;
    let workshop = app.given(a_workshop().capacity(None).window(None, None)).await;
    let guests = create_guests(&app, GUESTS_PER_LOSS * (losses + 1)).await;
    let requests: Vec<_> = guests.iter().map(|guest| registration_request(&workshop, guest)).collect();
    let key = app.key(admin()).await;
    let follower = JournalFollower::new(&app, &workshop, &key).await;
    app.store.close().await;
    let timeout = DATABASE_TIMEOUT.to_string();
    let arguments = ["serve", "--database-url", &app.database.url, "--rate-limit", "0", "--database-timeout"];
    let server = Server::start(&[&arguments[..], &[&timeout]].concat());
    let following = tokio::spawn({
        let (mut follower, address) = (follower.clone(), server.address.clone());
        async move { follower.follow(&address).await }
    });
    let clients = Arc::new(Clients {
        address: server.address.clone(),
        key: key.clone(),
        requests: Mutex::new(requests),
        is_over: AtomicBool::new(false),
        acknowledged: AtomicUsize::new(0),
        rejected: AtomicUsize::new(0),
        slowest_response: Mutex::default(),
    });
    let mut tasks = JoinSet::new();
    for _ in 0..CLIENTS {
        let clients = clients.clone();
        tasks.spawn(async move { clients.register_guests().await });
    }

    for loss in 0..losses {
        clients.wait_for_more(&clients.acknowledged, 50).await;
        block_in_place(|| if loss % 2 == 0 { cluster.stop_immediately() } else { cluster.stop() });
        let unready = wait_for_ready_status(&server, 503).await;
        let rejected = clients.wait_for_more(&clients.rejected, 2 * CLIENTS).await;
        block_in_place(|| cluster.start_server());
        let (ready, served) =
            tokio::join!(wait_for_ready_status(&server, 200), clients.wait_for_more(&clients.acknowledged, 1));
        println!(
            "after the stop: not ready in {unready:?}, {} requests rejected in {rejected:?}; \
             after the start: ready in {ready:?}, first registration in {served:?}",
            2 * CLIENTS
        );
        for (state, elapsed) in [("not ready", unready), ("ready", ready), ("served", served)] {
            assert!(elapsed < Duration::from_secs(10), "{state} after {elapsed:?}");
        }
    }
    clients.wait_for_more(&clients.acknowledged, 50).await;
    clients.is_over.store(true, Ordering::Relaxed);
    while let Some(task) = tasks.join_next().await {
        task.unwrap();
    }
    let slowest = *clients.slowest_response.lock().unwrap();
    let (acknowledged, rejected) =
        (clients.acknowledged.load(Ordering::Relaxed), clients.rejected.load(Ordering::Relaxed));
    println!("{acknowledged} registrations acknowledged, {rejected} rejected, slowest response {slowest:?}");
    assert!(slowest < Duration::from_secs(DATABASE_TIMEOUT + 4), "{slowest:?}");
    assert_eq!(
        usize::try_from(app.database.number("SELECT SUM(seats_taken) FROM workshops").await).unwrap(),
        1 + acknowledged
    );

    // The database restarts while no request runs: the next requests succeed at the first attempt.
    block_in_place(|| {
        cluster.stop_immediately();
        cluster.start_server();
    });
    let mut connection = Connection::open(&server.address).await.unwrap();
    let body = clients.requests.lock().unwrap().pop().unwrap();
    let response = connection.post(&key, &body).await.unwrap();
    assert_eq!(response.status, 200, "{response:?}");
    let center = r#"mutation { createCenter(input: { name: "Here", timeZone: "Europe/Berlin" }) { __typename } }"#;
    let response = connection.post(&key, &json!({ "query": center })).await.unwrap();
    assert_eq!(response.status, 200, "{response:?}");

    // One subscription, open all the time, received each change once and in order.
    let journal = read_journal(&server.address, &key).await;
    assert_eq!(journal.len(), acknowledged + 2);
    wait_until(async || follower.received().len() >= journal.len()).await;
    assert_eq!(follower.received(), journal);
    assert!(!following.is_finished());
    following.abort();
}
