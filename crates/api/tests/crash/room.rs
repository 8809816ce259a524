//! A database, two servers on it, and callers who never rest.

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
    ask::{Answer, Asker},
    binary::{Server, run, text},
    caller::{Caller, Scene, read},
    chance::{self, until},
    command,
    ground::Ground,
    ledger::{Slot, Status, Verdict},
    tally::Tally,
};

pub(crate) struct Room {
    // The first to go: the others stand on what follows.
    pub(crate) servers: Vec<Server>,
    pub(crate) addresses: Vec<String>,
    pub(crate) database: Database,
    pub(crate) ground: Ground,
    pub(crate) runtime: Runtime,
    pub(crate) workshops: Vec<Workshop>,
    pub(crate) asker: Asker,
    pub(crate) rng: Rng,
    /// The URL of the database for each server.
    urls: Vec<String>,
    callers: Vec<Caller>,
}

const CALLERS: usize = 8;
const WORKSHOPS: usize = 6;

impl Room {
    /// With guests enough for so many crashes.
    pub(crate) fn open(ground: Ground, crashes: usize, mut rng: Rng) -> Self {
        let runtime = Runtime::new().unwrap();
        let (database, urls) = runtime.block_on(ground.database());
        let app = runtime.block_on(TestApp::over_database(database));
        let (workshops, guests, key) = runtime.block_on(async {
            // The first is the one that everybody wants.
            let mut workshops = vec![app.given(a_workshop().capacity(5).window(None, None)).await];
            for _ in 1..WORKSHOPS {
                workshops.push(app.given(a_workshop().capacity(None).window(None, None)).await);
            }
            let names: Vec<_> = (0..100 + 30 * crashes).map(|number| format!("guest {number}")).collect();
            let set = (workshops, app.guests(&names).await, app.key(admin()).await);
            app.store.close().await;
            set
        });
        let addresses: Vec<_> = urls.iter().map(|_| format!("127.0.0.1:{}", free_port())).collect();
        let callers = (0..CALLERS).map(|number| {
            let own = guests.iter().skip(number).step_by(CALLERS);
            let slots = own.flat_map(|guest| (0..WORKSHOPS).map(|at| Slot::new(at, guest.clone()))).collect();
            Caller::new(rng.fork(), &key, slots)
        });
        let callers = callers.collect();
        let asker = Asker::new(&key, Duration::from_secs(15));
        let database = std::sync::Arc::into_inner(app.database).unwrap();
        let servers = Vec::new();
        let mut room = Self { servers, addresses, database, ground, runtime, workshops, asker, rng, urls, callers };
        room.servers = (0..room.urls.len()).map(|number| room.start(number)).collect();
        room
    }

    /// A server, at the address that it always has.
    pub(crate) fn start(&self, number: usize) -> Server {
        let arguments = ["serve", "--database-url", &self.urls[number], "--rate-limit", "0"];
        Server::spawn(&self.addresses[number], &arguments, chance::log())
    }

    /// Lets something happen while all callers are at work, and looks afterwards whether anything was lost or doubled.
    pub(crate) fn round(&mut self, strike: impl FnOnce(&mut Self)) -> Verdict {
        let mut callers = std::mem::take(&mut self.callers);
        let (addresses, workshops) = (self.addresses.clone(), self.workshops.clone());
        let scene = Scene {
            addresses: &addresses,
            workshops: &workshops,
            acknowledged: AtomicUsize::new(0),
            is_over: AtomicBool::new(false),
        };
        thread::scope(|scope| {
            let _over = Over(&scene.is_over);
            let working: Vec<_> = callers.iter_mut().map(|caller| scope.spawn(|| caller.work(&scene))).collect();
            let more = |count| {
                let enough = scene.acknowledged.load(Ordering::Relaxed) + count;
                until("callers are served", || {
                    // One who has given up says why.
                    scene.acknowledged.load(Ordering::Relaxed) >= enough || working.iter().any(|one| one.is_finished())
                });
            };
            more(self.rng.usize(20..80));
            strike(self);
            more(40);
        });
        self.callers = callers;
        self.examine()
    }

    /// What a server answers, who may be busy with coming back.
    pub(crate) fn asked(&self, number: usize, query: &str, variables: &Value) -> Value {
        let mut answer = None;
        until("an answer", || {
            answer = match self.asker.ask(&self.addresses[number], query, variables) {
                Answer::Field(field) => Some(field),
                Answer::Unheard | Answer::Lost => None,
            };
            answer.is_some()
        });
        answer.unwrap()
    }

    /// Whether a server gets hold of each workshop, one after the other.
    pub(crate) fn reaches_each_workshop(&self, number: usize) -> bool {
        self.workshops.iter().all(|workshop| {
            let (query, variables) = command::of_nobody(workshop);
            match self.asker.ask(&self.addresses[number], query, &variables) {
                Answer::Field(field) => field["__typename"] == "GuestInvalid",
                Answer::Unheard | Answer::Lost => false,
            }
        })
    }

    /// All registrations to a workshop, by guest.
    fn registrations(&self, at: usize) -> HashMap<String, Vec<(String, Status)>> {
        let query = "query ($id: ID!, $after: String) { workshop(id: $id) {
            registrations(first: 100, after: $after) {
                nodes { id status guest { id } } pageInfo { hasNextPage endCursor } } } }";
        let mut found: HashMap<_, Vec<_>> = HashMap::new();
        let mut after = Value::Null;
        loop {
            let workshop = self.asked(1, query, &json!({ "id": self.workshops[at].id, "after": after }));
            let page = &workshop["registrations"];
            for node in page["nodes"].as_array().unwrap() {
                let (guest, id) = (node["guest"]["id"].as_str().unwrap(), node["id"].as_str().unwrap());
                found.entry(guest.to_owned()).or_default().push((id.to_owned(), read(node)));
            }
            if page["pageInfo"]["hasNextPage"] == false {
                return found;
            }
            after = page["pageInfo"]["endCursor"].clone();
        }
    }

    fn examine(&mut self) -> Verdict {
        let mut verdict = Verdict::default();
        for at in 0..self.workshops.len() {
            let mut found = self.registrations(at);
            for slot in self.callers.iter_mut().flat_map(|caller| &mut caller.slots).filter(|slot| slot.workshop == at)
            {
                slot.examine(&found.remove(&slot.guest).unwrap_or_default(), &mut verdict);
            }
            assert!(found.is_empty(), "of nobody: {found:?}");
        }
        let doctor = run(&["doctor", "--database-url", &self.database.url]);
        assert!(doctor.status.success(), "{}{}", text(&doctor.stdout), text(&doctor.stderr));
        verdict
    }

    pub(crate) fn tally(&self) -> Tally {
        let mut sum = Tally::default();
        self.callers.iter().for_each(|caller| sum += &caller.tally);
        sum
    }
}

/// Sends the callers home, even when something has gone wrong.
struct Over<'a>(&'a AtomicBool);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}
