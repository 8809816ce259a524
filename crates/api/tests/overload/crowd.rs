use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use serde_json::Value;
use tests::ApiKey;
use tokio::time::{MissedTickBehavior, interval};

use crate::{
    binary::{Connection, Server},
    size::Size,
};

/// How many are served at a time while it is found out what the server can do.
pub(crate) const CALLERS: usize = 32;
const SUSTAINED_FOR: Duration = Duration::from_secs(2);

/// Callers who want a registration each, and count what they are answered.
pub(crate) struct Crowd {
    address: String,
    key: ApiKey,
    most_connections: usize,
    /// Requests that nobody has made yet.
    wanted: Mutex<Vec<Value>>,
    /// Connections on which nothing is asked now.
    pub(crate) idle: Mutex<Vec<Connection>>,
    pub(crate) connections: AtomicUsize,
    settled: AtomicU64,
    pub(crate) refused: AtomicU64,
    /// Those who found no connection.
    pub(crate) unsent: AtomicU64,
}

impl Crowd {
    pub(crate) fn new(server: &Server, key: ApiKey, size: &Size, wanted: Vec<Value>) -> Self {
        Self {
            address: server.address.clone(),
            key,
            most_connections: size.connections,
            wanted: Mutex::new(wanted),
            idle: Mutex::default(),
            connections: AtomicUsize::default(),
            settled: AtomicU64::default(),
            refused: AtomicU64::default(),
            unsent: AtomicU64::default(),
        }
    }

    async fn connection(&self) -> Option<Connection> {
        if let Some(connection) = self.idle.lock().unwrap().pop() {
            return Some(connection);
        }
        if self.connections.fetch_add(1, Ordering::Relaxed) >= self.most_connections {
            self.connections.fetch_sub(1, Ordering::Relaxed);
            return None;
        }
        Some(Connection::open(&self.address).await.unwrap())
    }

    /// Asks for one registration. One that is refused is left for somebody else.
    async fn ask(&self) {
        let Some(mut connection) = self.connection().await else {
            self.unsent.fetch_add(1, Ordering::Relaxed);
            return;
        };
        let body = self.wanted.lock().unwrap().pop().expect("there are guests enough");
        let reply = connection.post(&self.key, &body).await.unwrap();
        if reply.status == 200 {
            assert_eq!(reply.field()["__typename"], "Registration", "{reply:?}");
            self.settled.fetch_add(1, Ordering::Relaxed);
        } else {
            assert!(reply.is_retryable(), "{reply:?}");
            self.refused.fetch_add(1, Ordering::Relaxed);
            self.wanted.lock().unwrap().push(body);
        }
        self.idle.lock().unwrap().push(connection);
    }

    pub(crate) fn settled(&self) -> u64 {
        self.settled.load(Ordering::Relaxed)
    }

    /// Registrations a second, where each caller asks for the next one when the last one is made.
    pub(crate) async fn sustained(self: &Arc<Self>) -> f64 {
        let begun = Instant::now();
        let callers = (0..CALLERS).map(|_| {
            let crowd = self.clone();
            tokio::spawn(async move {
                while begun.elapsed() < SUSTAINED_FOR {
                    crowd.ask().await;
                }
            })
        });
        for caller in callers.collect::<Vec<_>>() {
            caller.await.unwrap();
        }
        f64::from(u32::try_from(self.settled()).unwrap()) / begun.elapsed().as_secs_f64()
    }

    /// So many a second come, whether or not the others were answered; answers with how many came.
    pub(crate) async fn rush(self: &Arc<Self>, rate: f64, time: Duration) -> u64 {
        let begun = Instant::now();
        let mut tick = interval(Duration::from_millis(5));
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut callers = tokio::task::JoinSet::new();
        let mut come: u64 = 0;
        while begun.elapsed() < time {
            tick.tick().await;
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
            let due = (begun.elapsed().as_secs_f64() * rate) as u64;
            for _ in come..due {
                let crowd = self.clone();
                callers.spawn(async move { crowd.ask().await });
            }
            come = due;
            while let Some(asked) = callers.try_join_next() {
                asked.unwrap();
            }
        }
        // Who is still waiting is answered while it is looked how fast the server is well again.
        tokio::spawn(async move { while callers.join_next().await.is_some() {} });
        come
    }
}
