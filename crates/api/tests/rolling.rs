//! Two servers on one PostgreSQL are replaced one after the other: whoever goes by `/ready` loses nothing.
//!
//! `ATELIER_ROUNDS` says how often both are replaced; the figures are printed.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout)]

mod binary;

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use binary::{Connection, Follower, Server, guests, journal, registration, until};
use serde_json::Value;
use tests::{ApiKey, Backend, TestApp, a_workshop, admin, free_port, run_on};
use tokio::time::{Instant, sleep_until};

const CALLERS: usize = 4;
/// How long a caller rests after each answer.
const PAUSE: Duration = Duration::from_millis(50);
/// How often it is looked whether a server is ready.
const PROBE: Duration = Duration::from_millis(100);
/// Guests who are there for each time that both servers are replaced.
const GUESTS: usize = 1_000;

/// What stands in front of the servers.
struct Balancer {
    addresses: [String; 2],
    ready: [AtomicBool; 2],
    key: ApiKey,
    wanted: Mutex<Vec<Value>>,
    is_over: AtomicBool,
    acknowledged: AtomicUsize,
}

impl Balancer {
    fn is_ready(&self, number: usize) -> bool {
        self.ready[number].load(Ordering::Relaxed)
    }

    /// Looks whether a server is ready, on a connection of its own each time.
    async fn probe(&self, number: usize) {
        while !self.is_over.load(Ordering::Relaxed) {
            let asked = async { Connection::open(&self.addresses[number]).await?.get("/ready").await };
            self.ready[number].store(asked.await.is_ok_and(|reply| reply.status == 200), Ordering::Relaxed);
            sleep_until(Instant::now() + PROBE).await;
        }
    }

    /// Registers one guest after the other, in turn at each server that is ready. None must fail.
    async fn call(&self) {
        let mut kept = [None, None];
        let mut next = 0;
        while !self.is_over.load(Ordering::Relaxed) {
            next = 1 - next;
            for (number, kept) in kept.iter_mut().enumerate() {
                if !self.is_ready(number) {
                    *kept = None;
                }
            }
            if !self.is_ready(next) {
                assert!(self.is_ready(1 - next), "neither is ready");
                continue;
            }
            let mut connection = match kept[next].take() {
                Some(connection) => connection,
                None => Connection::open(&self.addresses[next]).await.expect("a connection"),
            };
            let body = self.wanted.lock().unwrap().pop().expect("there are guests enough");
            let reply = connection.post(&self.key, &body).await.expect("an answer");
            assert_eq!((reply.status, &reply.field()["__typename"]), (200, &"Registration".into()), "{reply:?}");
            self.acknowledged.fetch_add(1, Ordering::Relaxed);
            kept[next] = (!reply.is_last()).then_some(connection);
            sleep_until(Instant::now() + PAUSE).await;
        }
    }

    async fn until_more(&self, count: usize) {
        let enough = self.acknowledged.load(Ordering::Relaxed) + count;
        until(async || self.acknowledged.load(Ordering::Relaxed) >= enough).await;
    }
}

#[test]
fn servers_are_replaced_and_no_request_fails() {
    run_on(Backend::Postgres, story);
}

async fn story(app: TestApp) {
    let rounds: usize = std::env::var("ATELIER_ROUNDS").map_or(1, |rounds| rounds.parse().unwrap());
    let workshop = app.given(a_workshop().capacity(None).window(None, None)).await;
    let wanted = guests(&app, GUESTS * rounds).await;
    let wanted: Vec<_> = wanted.iter().map(|guest| registration(&workshop, guest)).collect();
    let key = app.key(admin()).await;
    let follower = Follower::new(&app, &workshop, &key).await;
    app.store.close().await;
    let addresses = [(); 2].map(|()| format!("127.0.0.1:{}", free_port()));
    let arguments = ["serve", "--database-url", &app.database.url, "--rate-limit", "0"];
    let start = |number: usize| Server::start_on(&addresses[number], &arguments);
    let mut servers = [start(0), start(1)];
    let balancer = Arc::new(Balancer {
        addresses: addresses.clone(),
        ready: [true, true].map(AtomicBool::new),
        key: key.clone(),
        wanted: Mutex::new(wanted),
        is_over: AtomicBool::new(false),
        acknowledged: AtomicUsize::new(0),
    });
    let mut tasks = tokio::task::JoinSet::new();
    for number in 0..2 {
        let balancer = balancer.clone();
        tasks.spawn(async move { balancer.probe(number).await });
    }
    for _ in 0..CALLERS {
        let balancer = balancer.clone();
        tasks.spawn(async move { balancer.call().await });
    }
    let following = tokio::spawn({
        let (mut follower, balancer) = (follower.clone(), balancer.clone());
        async move {
            // Each time that its server goes it goes on at the other one.
            for number in (0..2).cycle() {
                assert_eq!(follower.follow(&balancer.addresses[number]).await, 1001);
            }
        }
    });

    for replaced in 0..2 * rounds {
        let number = replaced % 2;
        balancer.until_more(30).await;
        servers[number].signal("TERM");
        let begun = Instant::now();
        assert_eq!(servers[number].ended(), Some(0));
        let took = begun.elapsed();
        println!("server {number} ended after {took:?}");
        assert!(took < Duration::from_secs(13), "longer than it goes on and finishes: {took:?}");
        assert!(!balancer.is_ready(number), "whoever looks has seen that it goes");
        if replaced == 0 {
            // The first of a newer version has come, and those that are left are of the one before.
            for change in [
                "ALTER TABLE workshops ADD COLUMN of_a_newer_version INTEGER NOT NULL DEFAULT 0",
                "INSERT INTO seaql_migrations (version, applied_at) VALUES ('m20991231_000001_newer', 0)",
            ] {
                app.database.execute(change).await.unwrap();
            }
        }
        balancer.until_more(30).await;
        servers[number] = start(number);
        until(async || balancer.is_ready(number)).await;
    }
    balancer.until_more(30).await;
    balancer.is_over.store(true, Ordering::Relaxed);
    while let Some(ended) = tasks.join_next().await {
        ended.unwrap();
    }
    let acknowledged = balancer.acknowledged.load(Ordering::Relaxed);
    println!("{acknowledged} registrations, none failed, {} servers replaced", 2 * rounds);
    assert_eq!(
        usize::try_from(app.database.number("SELECT SUM(seats_taken) FROM workshops").await).unwrap(),
        1 + acknowledged
    );
    let journal = journal(&addresses[0], &key).await;
    until(async || following.is_finished() || follower.told().len() >= journal.len()).await;
    assert_eq!(follower.told(), journal);
    following.abort();
}
