//! A worker sends random commands, each as soon as the one before has its response.

use std::{
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    time::{Duration, Instant},
};

use fastrand::Rng;
use serde_json::Value;
use tests::{ApiKey, Workshop};

use crate::{
    client::{Client, Outcome},
    command::Command,
    history::{Acknowledged, History, Status},
    stats::Stats,
    wait::pause,
};

const REQUEST_TIMEOUT: Duration = Duration::from_secs(5);
const RETRY_INTERVAL: Duration = Duration::from_millis(100);

/// How long a worker repeats a command that has an idempotency key.
const RETRY_TIMEOUT: Duration = Duration::from_mins(3);

/// The state that all workers of a round share.
pub(crate) struct Round<'a> {
    pub(crate) addresses: &'a [String],
    pub(crate) workshops: &'a [Workshop],
    pub(crate) acknowledged: AtomicUsize,
    pub(crate) is_over: AtomicBool,
}

pub(crate) struct Worker {
    rng: Rng,
    client: Client,
    pub(crate) histories: Vec<History>,
    /// Indexes of the histories that have a command.
    used: Vec<usize>,
    pub(crate) stats: Stats,
}

impl Worker {
    pub(crate) fn new(rng: Rng, key: &ApiKey, histories: Vec<History>) -> Self {
        Self { rng, client: Client::new(key, REQUEST_TIMEOUT), histories, used: Vec::new(), stats: Stats::default() }
    }

    /// Sends one command after the other until the round is over.
    pub(crate) fn run(&mut self, round: &Round) {
        while !round.is_over.load(Ordering::Relaxed) {
            let index = self.choose();
            let history = &self.histories[index];
            if history.in_doubt.is_some() {
                continue;
            }
            match (history.last().map(|registration| registration.status), self.rng.u8(..4)) {
                (None | Some(Status::Cancelled), choice) => {
                    self.execute(round, index, Command::Register { waitlist: history.workshop == 0 && choice > 0 });
                }
                (Some(Status::SignedIn), _) | (_, 0) => self.repeat(round, index),
                (Some(Status::Waitlisted), 1) => self.execute(round, index, Command::Promote),
                (Some(Status::Registered), 1) => self.execute(round, index, Command::CheckIn),
                (Some(_), _) => self.execute(round, index, Command::Cancel),
            }
        }
    }

    /// Chooses a history: half of the time one that has a command, otherwise any.
    fn choose(&mut self) -> usize {
        if self.rng.bool()
            && let Some(index) = self.rng.choice(&self.used)
        {
            return *index;
        }
        let index = self.rng.usize(..self.histories.len());
        self.used.push(index);
        index
    }

    /// Sends a command, half of the time with an idempotency key, and records its outcome.
    fn execute(&mut self, round: &Round, index: usize, command: Command) {
        let key = self.rng.bool().then(|| format!("{:032x}", self.rng.u128(..)));
        let (field, had_unknown_outcome) = self.send(round, index, command, key.as_deref());
        let history = &mut self.histories[index];
        let Some(field) = field else {
            history.in_doubt = Some(command);
            return;
        };
        let kind = field["__typename"].as_str().unwrap();
        let registration = match kind {
            "Registration" => &field,
            "CancelRegistrationSuccess" => &field["registration"],
            problem => {
                assert!(
                    command.can_be_refused_with(problem),
                    "{command:?} for {history:?}, earlier attempt with an unknown outcome: {had_unknown_outcome}: {field}"
                );
                // An earlier attempt may still be in progress.
                history.in_doubt = had_unknown_outcome.then_some(command);
                if let (Some(registration), "GuestNotWaitlisted") = (history.registrations.last_mut(), problem) {
                    registration.status = Status::Registered;
                }
                return;
            }
        };
        let (id, status) = (registration["id"].as_str().unwrap().to_owned(), status_of(registration));
        match command {
            Command::Register { .. } => {
                let request = key.map(|key| (command, key));
                history.registrations.push(Acknowledged { id, status, request });
            }
            _ => history.registrations.last_mut().unwrap().status = status,
        }
        self.stats.acknowledged += 1;
        round.acknowledged.fetch_add(1, Ordering::Relaxed);
    }

    /// Sends an acknowledged registration again under its key, and expects the same id.
    fn repeat(&mut self, round: &Round, index: usize) {
        let Some(Acknowledged { id, request: Some((command, key)), .. }) = self.histories[index].last().cloned() else {
            return;
        };
        let (field, _) = self.send(round, index, command, Some(&key));
        assert_eq!(field.unwrap()["id"], *id, "the same idempotency key returned another registration");
        self.stats.repeated += 1;
    }

    /// Sends a command, and returns the response's field and whether an attempt had an unknown outcome.
    ///
    /// A command with a key is repeated until it has a response. A command without one is not repeated after an unknown
    /// outcome, because it could run twice.
    fn send(&mut self, round: &Round, index: usize, command: Command, key: Option<&str>) -> (Option<Value>, bool) {
        let history = &self.histories[index];
        let (query, variables) = command.request(history, &round.workshops[history.workshop], key);
        let end = Instant::now() + RETRY_TIMEOUT;
        let mut had_unknown_outcome = false;
        loop {
            let address = self.rng.choice(round.addresses).unwrap();
            match self.client.send(address, query, &variables) {
                Outcome::Completed(field) => return (Some(field), had_unknown_outcome),
                Outcome::NotDelivered => {}
                Outcome::Unknown => {
                    if !had_unknown_outcome {
                        self.stats.in_doubt += 1;
                    }
                    had_unknown_outcome = true;
                }
            }
            assert!(Instant::now() < end, "{command:?} for {history:?} got no response in {RETRY_TIMEOUT:?}");
            pause(RETRY_INTERVAL);
            if had_unknown_outcome && key.is_none() {
                return (None, true);
            }
            self.stats.retried += usize::from(had_unknown_outcome);
        }
    }
}

/// The status of a registration in a response.
pub(crate) fn status_of(registration: &Value) -> Status {
    Status::parse(registration["status"].as_str().unwrap())
}
