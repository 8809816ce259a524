//! A rolling restart behind nginx with the site of `ops/nginx/atelier.conf`: every request of every client succeeds.

use std::{
    io::BufRead,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use serde_json::Value;
use tests::{ApiKey, Backend, TestApp, a_workshop, admin, free_port, run_on};
use tokio::{
    task::JoinSet,
    time::{MissedTickBehavior, interval},
};

use crate::{
    binary::{
        Connection, JournalFollower, Server, create_guests, read_journal_of, registration_request, subscribe,
        wait_until,
    },
    nginx::Nginx,
};

const CLIENTS: usize = 8;
const REQUESTS: usize = 2_000;
/// The shortest time between two requests of a client, so that requests arrive during all restarts.
const REQUEST_INTERVAL: Duration = Duration::from_millis(40);

/// Clients that register guests through nginx, each on its own connection.
struct Clients {
    address: String,
    key: ApiKey,
    requests: Mutex<Vec<Value>>,
    is_over: AtomicBool,
    acknowledged: AtomicUsize,
}

impl Clients {
    /// Registers one guest after the other. Each request must succeed at once.
    async fn register_guests(&self) {
        let mut connection = None;
        let mut requests = interval(REQUEST_INTERVAL);
        requests.set_missed_tick_behavior(MissedTickBehavior::Delay);
        while !self.is_over.load(Ordering::Relaxed) {
            requests.tick().await;
            let Some(body) = self.requests.lock().unwrap().pop() else { return };
            let mut open = match connection.take() {
                Some(open) => open,
                None => Connection::open(&self.address).await.unwrap(),
            };
            let response = open.post(&self.key, &body).await.expect("a response through nginx");
            assert_eq!(response.status, 200, "{response:?}");
            assert_eq!(response.root_field()["__typename"], "Registration", "{response:?}");
            self.acknowledged.fetch_add(1, Ordering::Relaxed);
            connection = (!response.closes_connection()).then_some(open);
        }
    }

    async fn wait_for(&self, count: usize) {
        wait_until(async || self.acknowledged.load(Ordering::Relaxed) >= count).await;
    }
}

#[test]
fn a_rolling_restart_behind_nginx_fails_no_request() {
    run_on(Backend::Postgres, replace_servers);
}

async fn replace_servers(app: TestApp) {
    let addresses = [(); 2].map(|()| format!("127.0.0.1:{}", free_port()));
    let Some(nginx) = Nginx::start(&addresses).await else { return };
    let workshop = app.given(a_workshop().capacity(None).window(None, None)).await;
    let guests = create_guests(&app, 2 * REQUESTS).await;
    let requests = guests.iter().map(|guest| registration_request(&workshop, guest)).collect();
    let key = app.key(admin()).await;
    let follower = JournalFollower::new(&app, &workshop, &key).await;
    app.store.close().await;
    let arguments = [
        "serve",
        "--database-url",
        &app.database.url,
        "--rate-limit",
        "0",
        "--trusted-proxies",
        "1",
        "--host",
        "127.0.0.1",
    ];
    let start = |number: usize| Server::start_on(&addresses[number], &arguments);
    let mut servers = [start(0), start(1)];

    // The first event arrives, although the stream continues: nginx does not buffer it.
    let query = format!("subscription%7BworkshopSeats(workshopId:%22{}%22)%7BseatsTaken%7D%7D", workshop.id);
    let mut events = subscribe(&nginx.address, &query).unwrap();

    let clients = Arc::new(Clients {
        address: nginx.address.clone(),
        key: key.clone(),
        requests: Mutex::new(requests),
        is_over: AtomicBool::new(false),
        acknowledged: AtomicUsize::new(0),
    });
    let mut tasks = JoinSet::new();
    for _ in 0..CLIENTS {
        let clients = clients.clone();
        tasks.spawn(async move { clients.register_guests().await });
    }
    let (mut following, address) = (follower.clone(), nginx.address.clone());
    let following = tokio::spawn(async move {
        loop {
            let closed = following.follow(&address).await;
            assert!(matches!(closed, None | Some(1001)), "the server closes the WebSocket: {closed:?}");
        }
    });
    // Each server is replaced twice while the clients register guests.
    for replacement in 0..4 {
        clients.wait_for(REQUESTS * replacement / 5).await;
        let number = replacement % 2;
        servers[number].signal("TERM");
        assert_eq!(servers[number].wait_for_exit(), Some(0));
        servers[number] = start(number);
    }
    clients.wait_for(REQUESTS).await;
    clients.is_over.store(true, Ordering::Relaxed);
    while let Some(task) = tasks.join_next().await {
        task.unwrap();
    }
    let acknowledged = clients.acknowledged.load(Ordering::Relaxed);
    println!("{acknowledged} registrations through nginx succeeded, 0 failed, 4 servers replaced");
    let seats = app.database.number("SELECT SUM(seats_taken) FROM workshops").await;
    assert_eq!(usize::try_from(seats).unwrap(), 1 + acknowledged, "no registration was made twice");
    let journal = read_journal_of(&nginx.address, &key, 1 + acknowledged).await;
    wait_until(async || following.is_finished() || follower.received().len() >= journal.len()).await;
    assert_eq!(follower.received(), journal, "the WebSocket resumed without a gap");
    following.abort();
    let mut line = String::new();
    while !line.starts_with("data:") {
        line.clear();
        assert!(events.read_line(&mut line).unwrap() > 0, "the event stream brought further events");
    }
}
