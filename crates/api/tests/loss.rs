//! PostgreSQL goes away and comes back: the server says so, and goes on as if nothing had been.
//!
//! `ATELIER_LOSSES` says how often it goes; the figures are printed.
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
use serde_json::{Value, json};
use tests::{ApiKey, Cluster, Database, TestApp, a_workshop, admin, available};
use tokio::{
    task::block_in_place,
    time::{Instant, sleep_until},
};

const CALLERS: usize = 4;
/// How long a caller rests after each answer.
const PAUSE: Duration = Duration::from_millis(50);
/// Seconds that the server waits for the database.
const PATIENCE: u64 = 1;
/// Guests who are there for each time that the database goes.
const GUESTS: usize = 600;

/// Callers who register guests and ask again what could not be answered.
struct Callers {
    address: String,
    key: ApiKey,
    wanted: Mutex<Vec<Value>>,
    is_over: AtomicBool,
    acknowledged: AtomicUsize,
    refused: AtomicUsize,
    /// How long the slowest answer took.
    slowest: Mutex<Duration>,
}

impl Callers {
    async fn call(&self) {
        let mut connection = Connection::open(&self.address).await.unwrap();
        while !self.is_over.load(Ordering::Relaxed) {
            let body = self.wanted.lock().unwrap().pop().expect("there are guests enough");
            while !self.ask(&mut connection, &body).await {}
        }
    }

    async fn ask(&self, connection: &mut Connection, body: &Value) -> bool {
        let begun = Instant::now();
        let reply = connection.post(&self.key, body).await.unwrap();
        self.note(begun.elapsed());
        let is_done = reply.status == 200;
        if is_done {
            assert_eq!(reply.field()["__typename"], "Registration", "{reply:?}");
            self.acknowledged.fetch_add(1, Ordering::Relaxed);
        } else {
            assert!(reply.is_retryable(), "{reply:?}");
            self.refused.fetch_add(1, Ordering::Relaxed);
        }
        sleep_until(Instant::now() + PAUSE).await;
        is_done
    }

    fn note(&self, took: Duration) {
        let mut slowest = self.slowest.lock().unwrap();
        *slowest = took.max(*slowest);
    }

    async fn until_more(&self, of: &AtomicUsize, count: usize) -> Duration {
        let enough = of.load(Ordering::Relaxed) + count;
        until(async || of.load(Ordering::Relaxed) >= enough).await
    }
}

/// Waits until `/ready` has this status; answers with how long it took.
async fn until_ready(server: &Server, status: u16) -> Duration {
    let mut connection = Connection::open(&server.address).await.unwrap();
    until(async || connection.get("/ready").await.unwrap().status == status).await
}

#[test]
fn a_database_goes_away_and_comes_back() {
    let Some(cluster) = available(Cluster::durable()) else { return };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(4).enable_all().build().unwrap();
    runtime.block_on(story(&cluster));
}

async fn story(cluster: &Cluster) {
    let losses = std::env::var("ATELIER_LOSSES").map_or(2, |losses| losses.parse().unwrap());
    let app = TestApp::over_database(Database::on_cluster(cluster).await).await;
    let workshop = app.given(a_workshop().capacity(None).window(None, None)).await;
    let wanted = guests(&app, GUESTS * (losses + 1)).await;
    let wanted: Vec<_> = wanted.iter().map(|guest| registration(&workshop, guest)).collect();
    let key = app.key(admin()).await;
    let follower = Follower::new(&app, &workshop, &key).await;
    app.store.close().await;
    let patience = PATIENCE.to_string();
    let arguments = ["serve", "--database-url", &app.database.url, "--rate-limit", "0", "--database-timeout"];
    let server = Server::start(&[&arguments[..], &[&patience]].concat());
    let following = tokio::spawn({
        let (mut follower, address) = (follower.clone(), server.address.clone());
        async move { follower.follow(&address).await }
    });
    let callers = Arc::new(Callers {
        address: server.address.clone(),
        key: key.clone(),
        wanted: Mutex::new(wanted),
        is_over: AtomicBool::new(false),
        acknowledged: AtomicUsize::new(0),
        refused: AtomicUsize::new(0),
        slowest: Mutex::default(),
    });
    let calling: Vec<_> = (0..CALLERS)
        .map(|_| {
            tokio::spawn({
                let callers = callers.clone();
                async move { callers.call().await }
            })
        })
        .collect();

    for loss in 0..losses {
        callers.until_more(&callers.acknowledged, 50).await;
        block_in_place(|| if loss % 2 == 0 { cluster.stop_immediately() } else { cluster.stop() });
        let unready = until_ready(&server, 503).await;
        let refused = callers.until_more(&callers.refused, 2 * CALLERS).await;
        block_in_place(|| cluster.start_server());
        let (ready, served) = tokio::join!(until_ready(&server, 200), callers.until_more(&callers.acknowledged, 1));
        println!(
            "gone: not ready after {unready:?}, refused after {refused:?}; back: ready after {ready:?}, served after {served:?}"
        );
        for (what, took) in [("not ready", unready), ("ready", ready), ("served", served)] {
            assert!(took < Duration::from_secs(10), "{what} after {took:?}");
        }
    }
    callers.until_more(&callers.acknowledged, 50).await;
    callers.is_over.store(true, Ordering::Relaxed);
    for calling in calling {
        calling.await.unwrap();
    }
    let slowest = *callers.slowest.lock().unwrap();
    let (acknowledged, refused) =
        (callers.acknowledged.load(Ordering::Relaxed), callers.refused.load(Ordering::Relaxed));
    println!("{acknowledged} acknowledged, {refused} refused, the slowest answer in {slowest:?}");
    assert!(slowest < Duration::from_secs(PATIENCE + 4), "{slowest:?}");
    assert_eq!(
        usize::try_from(app.database.number("SELECT SUM(seats_taken) FROM workshops").await).unwrap(),
        1 + acknowledged
    );

    // While nobody asks for anything: the first who does again does not hear of it.
    block_in_place(|| {
        cluster.stop_immediately();
        cluster.start_server();
    });
    let mut connection = Connection::open(&server.address).await.unwrap();
    let body = callers.wanted.lock().unwrap().pop().unwrap();
    let reply = connection.post(&key, &body).await.unwrap();
    assert_eq!(reply.status, 200, "{reply:?}");
    let center = r#"mutation { createCenter(input: { name: "Here", timeZone: "Europe/Berlin" }) { __typename } }"#;
    let reply = connection.post(&key, &json!({ "query": center })).await.unwrap();
    assert_eq!(reply.status, 200, "{reply:?}");

    // Each change once, in order, on one subscription.
    let journal = journal(&server.address, &key).await;
    assert_eq!(journal.len(), acknowledged + 2);
    until(async || follower.told().len() >= journal.len()).await;
    assert_eq!(follower.told(), journal);
    assert!(!following.is_finished());
    following.abort();
}
