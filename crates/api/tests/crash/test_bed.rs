//! A database, two servers on it, and workers that send commands continuously.

use std::{
    collections::HashMap,
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    thread,
    time::Duration,
};

use fastrand::Rng;
use serde_json::{Value, json};
use tests::{Database, TestApp, Workshop, a_workshop, admin, free_port};
use tokio::runtime::Runtime;

use crate::{
    binary::{Server, run, text},
    client::{Client, Outcome},
    command,
    environment::Environment,
    history::{Discrepancies, History, Status},
    options,
    stats::Stats,
    wait::wait_until,
    worker::{Round, Worker, status_of},
};

pub(crate) struct TestBed {
    // First, so that the servers stop before the fields that they depend on are dropped.
    pub(crate) servers: Vec<Server>,
    pub(crate) addresses: Vec<String>,
    pub(crate) database: Database,
    pub(crate) environment: Environment,
    pub(crate) runtime: Runtime,
    pub(crate) workshops: Vec<Workshop>,
    pub(crate) client: Client,
    pub(crate) rng: Rng,
    /// The URL of the database for each server.
    urls: Vec<String>,
    workers: Vec<Worker>,
}

const WORKERS: usize = 8;
const WORKSHOPS: usize = 6;

impl TestBed {
    /// Starts the servers, with enough guests for a number of faults.
    pub(crate) fn start(environment: Environment, faults: usize, mut rng: Rng) -> Self {
        let runtime = Runtime::new().unwrap();
        let (database, urls) = runtime.block_on(environment.create_database());
        let app = runtime.block_on(TestApp::over_database(database));
        let (workshops, guests, key) = runtime.block_on(async {
            // The first workshop has few seats, and a waitlist.
            let mut workshops = vec![app.given(a_workshop().capacity(5).window(None, None)).await];
            for _ in 1..WORKSHOPS {
                workshops.push(app.given(a_workshop().capacity(None).window(None, None)).await);
            }
            let names: Vec<_> = (0..100 + 30 * faults).map(|number| format!("guest {number}")).collect();
            let (guests, key) = (app.guests(&names).await, app.key(admin()).await);
            app.store.close().await;
            (workshops, guests, key)
        });
        let addresses: Vec<_> = urls.iter().map(|_| format!("127.0.0.1:{}", free_port())).collect();
        let workers = (0..WORKERS).map(|number| {
            let guests = guests.iter().skip(number).step_by(WORKERS);
            let histories = guests.flat_map(|guest| (0..WORKSHOPS).map(|index| History::new(index, guest.clone())));
            Worker::new(rng.fork(), &key, histories.collect())
        });
        let workers = workers.collect();
        let client = Client::new(&key, Duration::from_secs(15));
        let database = std::sync::Arc::into_inner(app.database).unwrap();
        let servers = Vec::new();
        let mut test_bed =
            Self { servers, addresses, database, environment, runtime, workshops, client, rng, urls, workers };
        test_bed.servers = (0..test_bed.urls.len()).map(|number| test_bed.start_server(number)).collect();
        test_bed
    }

    /// Starts a server at its own address, which stays the same after a restart.
    pub(crate) fn start_server(&self, number: usize) -> Server {
        let arguments = ["serve", "--database-url", &self.urls[number], "--rate-limit", "0"];
        Server::spawn(&self.addresses[number], &arguments, options::log())
    }

    /// Injects a fault while all workers run, and compares the acknowledged changes with the database afterwards.
    pub(crate) fn run_round(&mut self, inject_fault: impl FnOnce(&mut Self)) -> Discrepancies {
        let mut workers = std::mem::take(&mut self.workers);
        let (addresses, workshops) = (self.addresses.clone(), self.workshops.clone());
        let round = Round {
            addresses: &addresses,
            workshops: &workshops,
            acknowledged: AtomicUsize::new(0),
            is_over: AtomicBool::new(false),
        };
        thread::scope(|scope| {
            let _end = EndRound(&round.is_over);
            let running: Vec<_> = workers.iter_mut().map(|worker| scope.spawn(|| worker.run(&round))).collect();
            let wait_for_more = |count| {
                let enough = round.acknowledged.load(Ordering::Relaxed) + count;
                wait_until("the servers acknowledge changes", || {
                    // A worker that has finished has panicked: its own message gives the reason.
                    let has_failed = running.iter().any(|worker| worker.is_finished());
                    round.acknowledged.load(Ordering::Relaxed) >= enough || has_failed
                });
            };
            wait_for_more(self.rng.usize(20..80));
            inject_fault(self);
            wait_for_more(40);
        });
        self.workers = workers;
        self.compare()
    }

    /// Sends a query to a server until it responds; the server may be recovering.
    pub(crate) fn query(&self, number: usize, query: &str, variables: &Value) -> Value {
        let mut field = None;
        wait_until("the server answers a query", || {
            field = match self.client.send(&self.addresses[number], query, variables) {
                Outcome::Completed(field) => Some(field),
                Outcome::NotDelivered | Outcome::Unknown => None,
            };
            field.is_some()
        });
        field.unwrap()
    }

    /// Whether a server can lock each workshop, one after the other.
    pub(crate) fn can_lock_each_workshop(&self, number: usize) -> bool {
        self.workshops.iter().all(|workshop| {
            let (query, variables) = command::register_unknown_guest(workshop);
            match self.client.send(&self.addresses[number], query, &variables) {
                Outcome::Completed(field) => field["__typename"] == "GuestInvalid",
                Outcome::NotDelivered | Outcome::Unknown => false,
            }
        })
    }

    /// All registrations for a workshop, by guest.
    fn registrations(&self, index: usize) -> HashMap<String, Vec<(String, Status)>> {
        let query = "query ($id: ID!, $after: String) { workshop(id: $id) {
            registrations(first: 100, after: $after) {
                nodes { id status guest { id } } pageInfo { hasNextPage endCursor } } } }";
        let mut registrations: HashMap<_, Vec<_>> = HashMap::new();
        let mut after = Value::Null;
        loop {
            let workshop = self.query(1, query, &json!({ "id": self.workshops[index].id, "after": after }));
            let page = &workshop["registrations"];
            for node in page["nodes"].as_array().unwrap() {
                let (guest, id) = (node["guest"]["id"].as_str().unwrap(), node["id"].as_str().unwrap());
                registrations.entry(guest.to_owned()).or_default().push((id.to_owned(), status_of(node)));
            }
            if page["pageInfo"]["hasNextPage"] == false {
                return registrations;
            }
            after = page["pageInfo"]["endCursor"].clone();
        }
    }

    /// Compares each history with the database, and runs the doctor.
    fn compare(&mut self) -> Discrepancies {
        let mut discrepancies = Discrepancies::default();
        for index in 0..self.workshops.len() {
            let mut registrations = self.registrations(index);
            let histories = self.workers.iter_mut().flat_map(|worker| &mut worker.histories);
            for history in histories.filter(|history| history.workshop == index) {
                history.compare(&registrations.remove(&history.guest).unwrap_or_default(), &mut discrepancies);
            }
            assert!(registrations.is_empty(), "registrations of unknown guests: {registrations:?}");
        }
        let doctor = run(&["doctor", "--database-url", &self.database.url]);
        assert!(doctor.status.success(), "{}{}", text(&doctor.stdout), text(&doctor.stderr));
        discrepancies
    }

    pub(crate) fn stats(&self) -> Stats {
        let mut sum = Stats::default();
        self.workers.iter().for_each(|worker| sum += &worker.stats);
        sum
    }
}

/// Ends the round when it is dropped, so that the workers also stop after a panic.
struct EndRound<'a>(&'a AtomicBool);

impl Drop for EndRound<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}
