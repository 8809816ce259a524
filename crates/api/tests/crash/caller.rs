//! Somebody who asks for things all the time, as fast as they are answered.

use std::{
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    time::{Duration, Instant},
};

use fastrand::Rng;
use serde_json::Value;
use tests::{ApiKey, Workshop};

use crate::{
    ask::{Answer, Asker},
    chance::pause,
    command::Command,
    ledger::{Known, Slot, Status},
    tally::Tally,
};

/// How long a caller waits for an answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// How long a caller waits before asking again.
const PAUSE: Duration = Duration::from_millis(100);

/// How long a caller who has a key asks again.
const PERSISTENCE: Duration = Duration::from_mins(3);

/// What all callers see.
pub(crate) struct Scene<'a> {
    pub(crate) addresses: &'a [String],
    pub(crate) workshops: &'a [Workshop],
    pub(crate) acknowledged: AtomicUsize,
    pub(crate) is_over: AtomicBool,
}

pub(crate) struct Caller {
    rng: Rng,
    asker: Asker,
    pub(crate) slots: Vec<Slot>,
    /// The slots at which something was asked for.
    begun: Vec<usize>,
    pub(crate) tally: Tally,
}

impl Caller {
    pub(crate) fn new(rng: Rng, key: &ApiKey, slots: Vec<Slot>) -> Self {
        Self { rng, asker: Asker::new(key, PATIENCE), slots, begun: Vec::new(), tally: Tally::default() }
    }

    /// Asks for one thing after the other.
    pub(crate) fn work(&mut self, scene: &Scene) {
        while !scene.is_over.load(Ordering::Relaxed) {
            let at = self.choose();
            let slot = &self.slots[at];
            if slot.doubt.is_some() {
                continue;
            }
            match (slot.last().map(|known| known.status), self.rng.u8(..4)) {
                (None | Some(Status::Cancelled), chance) => {
                    self.settle(scene, at, Command::Register { waitlist: slot.workshop == 0 && chance > 0 });
                }
                (Some(Status::SignedIn), _) | (_, 0) => self.ask_again(scene, at),
                (Some(Status::Waitlisted), 1) => self.settle(scene, at, Command::Promote),
                (Some(Status::Registered), 1) => self.settle(scene, at, Command::CheckIn),
                (Some(_), _) => self.settle(scene, at, Command::Cancel),
            }
        }
    }

    /// As often one of those that were there before as any.
    fn choose(&mut self) -> usize {
        if self.rng.bool()
            && let Some(at) = self.rng.choice(&self.begun)
        {
            return *at;
        }
        let at = self.rng.usize(..self.slots.len());
        self.begun.push(at);
        at
    }

    fn settle(&mut self, scene: &Scene, at: usize, command: Command) {
        let key = self.rng.bool().then(|| format!("{:032x}", self.rng.u128(..)));
        let (answer, was_lost) = self.ask(scene, at, command, key.as_deref());
        let slot = &mut self.slots[at];
        let Some(field) = answer else {
            slot.doubt = Some(command);
            return;
        };
        let kind = field["__typename"].as_str().unwrap();
        let registration = match kind {
            "Registration" => &field,
            "CancelRegistrationSuccess" => &field["registration"],
            refusal => {
                assert!(command.may_meet(refusal), "{command:?} at {slot:?}, lost before: {was_lost}: {field}");
                // An attempt that was lost may be still on its way.
                slot.doubt = was_lost.then_some(command);
                if let (Some(known), "GuestNotWaitlisted") = (slot.known.last_mut(), refusal) {
                    known.status = Status::Registered;
                }
                return;
            }
        };
        let (id, status) = (registration["id"].as_str().unwrap().to_owned(), read(registration));
        match command {
            Command::Register { .. } => {
                slot.known.push(Known { id, status, asked: key.map(|key| (command, key)) });
            }
            _ => slot.known.last_mut().unwrap().status = status,
        }
        self.tally.acknowledged += 1;
        scene.acknowledged.fetch_add(1, Ordering::Relaxed);
    }

    /// Asks for what was acknowledged once more, under the same key.
    fn ask_again(&mut self, scene: &Scene, at: usize) {
        let Some(Known { id, asked: Some((command, key)), .. }) = self.slots[at].last().cloned() else { return };
        let (answer, _) = self.ask(scene, at, command, Some(&key));
        assert_eq!(answer.unwrap()["id"], *id, "the same key has another answer");
        self.tally.repeated += 1;
    }

    /// The answer, and whether one was lost before. One who has a key asks until there is one.
    fn ask(&mut self, scene: &Scene, at: usize, command: Command, key: Option<&str>) -> (Option<Value>, bool) {
        let slot = &self.slots[at];
        let (query, variables) = command.words(slot, &scene.workshops[slot.workshop], key);
        let end = Instant::now() + PERSISTENCE;
        let mut was_lost = false;
        loop {
            let address = self.rng.choice(scene.addresses).unwrap();
            match self.asker.ask(address, query, &variables) {
                Answer::Field(field) => return (Some(field), was_lost),
                Answer::Unheard => {}
                Answer::Lost => {
                    if !was_lost {
                        self.tally.in_doubt += 1;
                    }
                    was_lost = true;
                }
            }
            assert!(Instant::now() < end, "{command:?} at {slot:?} is not answered");
            pause(PAUSE);
            if was_lost && key.is_none() {
                return (None, true);
            }
            self.tally.retried += usize::from(was_lost);
        }
    }
}

/// How a registration stands that was answered with.
pub(crate) fn read(registration: &Value) -> Status {
    Status::parse(registration["status"].as_str().unwrap())
}
