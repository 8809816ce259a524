use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use serde_json::Value;
use tests::ApiKey;
use tokio::{
    task::JoinSet,
    time::{MissedTickBehavior, interval},
};

use crate::{
    binary::{Connection, Server},
    size::Size,
};

/// Clients of the closed loop that measures the sustained rate.
pub(crate) const CLIENTS: usize = 32;
const CLOSED_LOOP_DURATION: Duration = Duration::from_secs(2);

/// Generates registrations, one for each guest and workshop, and counts the responses.
pub(crate) struct Load {
    address: String,
    key: ApiKey,
    max_connections: usize,
    /// Requests that are not sent yet, or were rejected.
    pending: Mutex<Vec<Value>>,
    /// Connections without a request in flight.
    idle: Mutex<Vec<Connection>>,
    connections: AtomicUsize,
    registered: AtomicU64,
    rejected: AtomicU64,
    /// Requests that were due while no connection was free.
    unsent: AtomicU64,
}

impl Load {
    pub(crate) fn new(server: &Server, key: ApiKey, size: &Size, requests: Vec<Value>) -> Self {
        Self {
            address: server.address.clone(),
            key,
            max_connections: size.connections,
            pending: Mutex::new(requests),
            idle: Mutex::default(),
            connections: AtomicUsize::default(),
            registered: AtomicU64::default(),
            rejected: AtomicU64::default(),
            unsent: AtomicU64::default(),
        }
    }

    async fn connection(&self) -> Option<Connection> {
        if let Some(connection) = self.idle.lock().unwrap().pop() {
            return Some(connection);
        }
        if self.connections.fetch_add(1, Ordering::Relaxed) >= self.max_connections {
            self.connections.fetch_sub(1, Ordering::Relaxed);
            return None;
        }
        Some(Connection::open(&self.address).await.unwrap())
    }

    /// Sends one registration. A rejected one becomes pending again.
    async fn register(&self) {
        let Some(mut connection) = self.connection().await else {
            self.unsent.fetch_add(1, Ordering::Relaxed);
            return;
        };
        let body = self.pending.lock().unwrap().pop().expect("enough guests for the whole test");
        let response = connection.post(&self.key, &body).await.unwrap();
        if response.status == 200 {
            assert_eq!(response.root_field()["__typename"], "Registration", "{response:?}");
            self.registered.fetch_add(1, Ordering::Relaxed);
        } else {
            assert!(response.is_retryable(), "{response:?}");
            self.rejected.fetch_add(1, Ordering::Relaxed);
            self.pending.lock().unwrap().push(body);
        }
        self.idle.lock().unwrap().push(connection);
    }

    pub(crate) fn registered(&self) -> u64 {
        self.registered.load(Ordering::Relaxed)
    }

    pub(crate) fn rejected(&self) -> u64 {
        self.rejected.load(Ordering::Relaxed)
    }

    pub(crate) fn unsent(&self) -> u64 {
        self.unsent.load(Ordering::Relaxed)
    }

    /// Measures the sustained rate in registrations per second: each client sends its next request after the response.
    pub(crate) async fn run_closed_loop(self: &Arc<Self>) -> f64 {
        let begun = Instant::now();
        let clients = (0..CLIENTS).map(|_| {
            let load = self.clone();
            tokio::spawn(async move {
                while begun.elapsed() < CLOSED_LOOP_DURATION {
                    load.register().await;
                }
            })
        });
        for client in clients.collect::<Vec<_>>() {
            client.await.unwrap();
        }
        f64::from(u32::try_from(self.registered()).unwrap()) / begun.elapsed().as_secs_f64()
    }

    /// Sends registrations at a fixed rate per second, whether or not earlier ones have a response. Returns how many were
    /// due, and the requests that are still in flight.
    pub(crate) async fn run_open_loop(self: &Arc<Self>, rate: f64, duration: Duration) -> (u64, JoinSet<()>) {
        let begun = Instant::now();
        let mut tick = interval(Duration::from_millis(5));
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut requests = JoinSet::new();
        let mut sent: u64 = 0;
        while begun.elapsed() < duration {
            tick.tick().await;
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
            let due = (begun.elapsed().as_secs_f64() * rate) as u64;
            for _ in sent..due {
                let load = self.clone();
                requests.spawn(async move { load.register().await });
            }
            sent = due;
            while let Some(request) = requests.try_join_next() {
                request.unwrap();
            }
        }
        (sent, requests)
    }
}
