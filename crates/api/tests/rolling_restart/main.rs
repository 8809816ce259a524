//! A rolling restart of two servers on one PostgreSQL: a client that follows `/ready` sees no failed request.
//!
//! `ATELIER_ROUNDS` sets how often both servers are replaced (1). The test prints its figures.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout)]

mod behind_nginx;
#[path = "../binary/mod.rs"]
mod binary;
mod nginx;

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use binary::{Connection, JournalFollower, Server, create_guests, read_journal_of, registration_request, wait_until};
use serde_json::Value;
use tests::{ApiKey, Backend, TestApp, a_workshop, admin, free_port, run_on};
use tokio::{
    task::JoinSet,
    time::{Instant, MissedTickBehavior, interval},
};

const CLIENTS: usize = 4;
/// The shortest time between two requests of a client.
const REQUEST_INTERVAL: Duration = Duration::from_millis(50);
/// The time between two probes of `/ready`.
const PROBE_INTERVAL: Duration = Duration::from_millis(100);
const GUESTS_PER_ROUND: usize = 1_200;

/// A load balancer in front of both servers, with the clients that it serves.
struct Balancer {
    addresses: [String; 2],
    ready: [AtomicBool; 2],
    key: ApiKey,
    requests: Mutex<Vec<Value>>,
    is_over: AtomicBool,
    acknowledged: AtomicUsize,
}

impl Balancer {
    fn is_ready(&self, number: usize) -> bool {
        self.ready[number].load(Ordering::Relaxed)
    }

    /// Probes `/ready` of a server, each time on a new connection.
    async fn probe(&self, number: usize) {
        let mut probes = interval(PROBE_INTERVAL);
        probes.set_missed_tick_behavior(MissedTickBehavior::Delay);
        while !self.is_over.load(Ordering::Relaxed) {
            probes.tick().await;
            let probe = async { Connection::open(&self.addresses[number]).await?.get("/ready").await };
            self.ready[number].store(probe.await.is_ok_and(|response| response.status == 200), Ordering::Relaxed);
        }
    }

    /// Registers one guest after the other, at the ready servers in turn. Each request must succeed.
    async fn register_guests(&self) {
        let mut connections = [None, None];
        let mut next = 0;
        let mut requests = interval(REQUEST_INTERVAL);
        requests.set_missed_tick_behavior(MissedTickBehavior::Delay);
        while !self.is_over.load(Ordering::Relaxed) {
            requests.tick().await;
            next = 1 - next;
            for (number, connection) in connections.iter_mut().enumerate() {
                if !self.is_ready(number) {
                    *connection = None;
                }
            }
            if !self.is_ready(next) {
                next = 1 - next;
                assert!(self.is_ready(next), "no server is ready");
            }
            let mut connection = match connections[next].take() {
                Some(connection) => connection,
                None => Connection::open(&self.addresses[next]).await.expect("a connection to a ready server"),
            };
            let body = self.requests.lock().unwrap().pop().expect("enough guests for the whole test");
            let response = connection.post(&self.key, &body).await.expect("a response from a ready server");
            let outcome = (response.status, &response.root_field()["__typename"]);
            assert_eq!(outcome, (200, &"Registration".into()), "{response:?}");
            self.acknowledged.fetch_add(1, Ordering::Relaxed);
            connections[next] = (!response.closes_connection()).then_some(connection);
        }
    }

    async fn wait_for_more(&self, count: usize) {
        let enough = self.acknowledged.load(Ordering::Relaxed) + count;
        wait_until(async || self.acknowledged.load(Ordering::Relaxed) >= enough).await;
    }
}

#[test]
fn a_rolling_restart_fails_no_request() {
    run_on(Backend::Postgres, replace_servers);
}

async fn replace_servers(app: TestApp) {
    let rounds: usize = std::env::var("ATELIER_ROUNDS").map_or(1, |rounds| rounds.parse().unwrap());
    let workshop = app.given(a_workshop().capacity(None).window(None, None)).await;
    let guests = create_guests(&app, GUESTS_PER_ROUND * rounds).await;
    let requests: Vec<_> = guests.iter().map(|guest| registration_request(&workshop, guest)).collect();
    let key = app.key(admin()).await;
    let follower = JournalFollower::new(&app, &workshop, &key).await;
    app.store.close().await;
    let addresses = [(); 2].map(|()| format!("127.0.0.1:{}", free_port()));
    let arguments = ["serve", "--database-url", &app.database.url, "--rate-limit", "0"];
    let start = |number: usize| Server::start_on(&addresses[number], &arguments);
    let mut servers = [start(0), start(1)];
    let balancer = Arc::new(Balancer {
        addresses: addresses.clone(),
        ready: [true, true].map(AtomicBool::new),
        key: key.clone(),
        requests: Mutex::new(requests),
        is_over: AtomicBool::new(false),
        acknowledged: AtomicUsize::new(0),
    });
    let mut tasks = JoinSet::new();
    for number in 0..2 {
        let balancer = balancer.clone();
        tasks.spawn(async move { balancer.probe(number).await });
    }
    for _ in 0..CLIENTS {
        let balancer = balancer.clone();
        tasks.spawn(async move { balancer.register_guests().await });
    }
    let following = tokio::spawn({
        let (mut follower, balancer) = (follower.clone(), balancer.clone());
        async move {
            // When its server stops, it resumes at the other one.
            for number in (0..2).cycle() {
                assert_eq!(follower.follow(&balancer.addresses[number]).await, Some(1001));
            }
        }
    });

    for replacement in 0..2 * rounds {
        let number = replacement % 2;
        balancer.wait_for_more(30).await;
        servers[number].signal("TERM");
        let begun = Instant::now();
        assert_eq!(servers[number].wait_for_exit(), Some(0));
        let elapsed = begun.elapsed();
        println!("server {number} stopped in {elapsed:?}");
        assert!(elapsed < Duration::from_secs(13), "the shutdown exceeds its time limits: {elapsed:?}");
        assert!(!balancer.is_ready(number), "the balancer has seen that the server is not ready");
        if replacement == 0 {
            // From now on a newer version has migrated the database, and the servers are of the version before.
            for change in [
                "ALTER TABLE workshops ADD COLUMN of_a_newer_version INTEGER NOT NULL DEFAULT 0",
                "INSERT INTO seaql_migrations (version, applied_at) VALUES ('m20991231_000001_newer', 0)",
            ] {
                app.database.execute(change).await.unwrap();
            }
        }
        balancer.wait_for_more(30).await;
        servers[number] = start(number);
        wait_until(async || balancer.is_ready(number)).await;
    }
    balancer.wait_for_more(30).await;
    balancer.is_over.store(true, Ordering::Relaxed);
    while let Some(task) = tasks.join_next().await {
        task.unwrap();
    }
    let acknowledged = balancer.acknowledged.load(Ordering::Relaxed);
    println!("{acknowledged} registrations succeeded, 0 failed, {} servers replaced", 2 * rounds);
    assert_eq!(
        usize::try_from(app.database.number("SELECT SUM(seats_taken) FROM workshops").await).unwrap(),
        1 + acknowledged
    );
    let journal = read_journal_of(&addresses[0], &key, 1 + acknowledged).await;
    wait_until(async || following.is_finished() || follower.received().len() >= journal.len()).await;
    assert_eq!(follower.received(), journal);
    following.abort();
}
