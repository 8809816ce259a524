//! Ten times what a server can do: it does what it can, says no to the rest, and is well a second later.
//!
//! `ATELIER_OVERLOAD_SECONDS` says for how long, with more callers and more work at a time: that is for the released binary on
//! a machine with nothing else to do. Without it there is a short and small rush. The figures are printed.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout)]

mod binary;

use std::{
    io::{Read, Write},
    net::TcpStream,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, AtomicUsize, Ordering},
        mpsc::{self, RecvTimeoutError},
    },
    time::{Duration, Instant},
};

use binary::{Connection, Server, guests, registration};
use macro_rules_attribute::apply;
use serde_json::{Value, json};
use tests::{ApiKey, TestApp, a_workshop, admin, on_each_database};
use tokio::{
    runtime::Handle,
    task::block_in_place,
    time::{MissedTickBehavior, interval},
};

const GUESTS: usize = 1_000;

/// How many are served at a time while it is found out what the server can do.
const CALLERS: usize = 32;
const SUSTAINED_FOR: Duration = Duration::from_secs(2);

/// How much comes of a rush.
struct Size {
    seconds: u32,
    /// Workshops, to which each guest can be registered once.
    workshops: usize,
    /// How many the server works on at a time.
    in_flight: u32,
    /// Connections that the callers have at most.
    connections: usize,
    /// How soon `/health` has to be answered to 95 of 100 who ask meanwhile.
    healthy: Duration,
    /// How soon the next who asks is served when it is over.
    well: Duration,
}

impl Size {
    fn of_environment() -> Self {
        let seconds = std::env::var("ATELIER_OVERLOAD_SECONDS").ok().map(|seconds| seconds.parse().unwrap());
        match seconds {
            // As long as whoever probes servers waits for them, for the machine may be busy with something else.
            None => Self {
                seconds: 3,
                workshops: 20,
                in_flight: 64,
                connections: 200,
                healthy: Duration::from_secs(1),
                well: Duration::from_secs(3),
            },
            Some(seconds) => Self {
                seconds,
                workshops: 10 + 5 * seconds as usize,
                in_flight: 256,
                connections: 1_000,
                healthy: Duration::from_millis(100),
                well: Duration::from_secs(1),
            },
        }
    }

    fn time(&self) -> Duration {
        Duration::from_secs(self.seconds.into())
    }

    /// KiB that the server may take for it: for each connection with what it was asked and is answered, and what the
    /// allocator keeps for each thread. What grew with the requests would be far beyond it.
    fn memory(&self) -> u64 {
        32 * 1024 + 128 * u64::try_from(self.connections).unwrap()
    }
}

/// How long the one who watches rests.
const PAUSE: Duration = Duration::from_millis(50);

/// How many times what it can do comes afterwards.
const TIMES: u32 = 10;

/// Callers who want a registration each, and count what they are answered.
struct Crowd {
    address: String,
    key: ApiKey,
    most_connections: usize,
    /// Requests that nobody has made yet.
    wanted: Mutex<Vec<Value>>,
    /// Connections on which nothing is asked now.
    idle: Mutex<Vec<Connection>>,
    connections: AtomicUsize,
    settled: AtomicU64,
    refused: AtomicU64,
    /// Those who found no connection.
    unsent: AtomicU64,
}

impl Crowd {
    fn new(server: &Server, key: ApiKey, size: &Size, wanted: Vec<Value>) -> Self {
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

    fn settled(&self) -> u64 {
        self.settled.load(Ordering::Relaxed)
    }

    /// Registrations a second, where each caller asks for the next one when the last one is made.
    async fn sustained(self: &Arc<Self>) -> f64 {
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
    async fn rush(self: &Arc<Self>, rate: f64, time: Duration) -> u64 {
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

/// What is seen of a server while something goes on there.
struct Watch {
    /// How long `/health` took, from the shortest to the longest.
    health: Vec<Duration>,
    /// The most memory that it had.
    memory: u64,
}

impl Watch {
    /// Looks until something is over; answers with what came of it, too. It looks from a thread of its own, which waits for
    /// the server and for none of the crowd.
    fn during<T>(server: &Server, work: impl Future<Output = T>) -> (T, Self) {
        let (over, is_over) = mpsc::channel::<()>();
        let (result, (mut health, memory)) = std::thread::scope(|scope| {
            let watching = scope.spawn(move || {
                let (mut health, mut memory) = (Vec::new(), 0);
                let mut kept = TcpStream::connect(&server.address).unwrap();
                while is_over.recv_timeout(PAUSE) == Err(RecvTimeoutError::Timeout) {
                    let begun = Instant::now();
                    ask_for_health(&mut kept, &server.address);
                    health.push(begun.elapsed());
                    memory = server.memory().max(memory);
                }
                (health, memory)
            });
            let result = block_in_place(|| Handle::current().block_on(work));
            drop(over);
            (result, watching.join().unwrap())
        });
        health.sort();
        (result, Self { health, memory })
    }

    /// Within which all but so many of a hundred were answered.
    fn health(&self, percent: usize) -> Duration {
        self.health[(self.health.len() - 1) * percent / 100]
    }
}

fn ask_for_health(kept: &mut TcpStream, address: &str) {
    kept.write_all(format!("GET /health HTTP/1.1\r\nhost: {address}\r\n\r\n").as_bytes()).unwrap();
    let mut answer = Vec::new();
    while !answer.ends_with(br#"{"status":"ok"}"#) {
        let mut bytes = [0; 1024];
        let count = kept.read(&mut bytes).unwrap();
        assert!(count > 0, "the connection ended");
        answer.extend(&bytes[..count]);
    }
}

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
    let flags = ["serve", "--database-url", url, "--rate-limit", "0", "--in-flight", &in_flight, "--log", "error"];
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
