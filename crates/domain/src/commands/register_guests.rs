//! Register many guests to a workshop in one go.

use super::{
    refusal,
    register_guest::{RegisterGuest, RegisterGuestRefusal, register_guest},
};
use crate::{
    Fingerprint, FingerprintInputs, FingerprintValue, Timestamp, Transition, WorkshopAggregate, WorkshopId,
    access::Authority,
    problems::{GuestRepeated, MissingInput, Obstacle, RegistrationsRefused, TooManyRegistrations},
};

/// Whether one guest stands for all.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Mode {
    /// Each guest is registered, or refused, alone.
    PerGuest,
    /// If one is refused nobody is registered.
    AllOrNothing,
}

/// Guests to register, in the order in which they are looked at.
#[derive(Clone, Debug)]
pub struct RegisterGuests {
    /// The workshop; `None` for an id that names nothing.
    pub workshop: Option<WorkshopId>,
    /// Whether one stands for all.
    pub mode: Mode,
    /// What is asked for each, where nothing was missing.
    pub requests: Vec<Result<RegisterGuest, MissingInput>>,
}

refusal! {
    /// The problems this command can meet as a whole.
    RegisterGuestsRefusal { TooManyRegistrations, RegistrationsRefused, IdempotencyKeyReused }
}

/// What becomes of each guest, in their order.
pub type PerGuest<T> = Vec<Result<T, RegisterGuestRefusal>>;

impl RegisterGuests {
    /// The most guests of one request.
    pub const MAX_GUESTS: usize = 200;

    /// Refuses what are too many.
    pub fn ensure_within_limit(number: usize) -> Result<(), TooManyRegistrations> {
        if number > Self::MAX_GUESTS { Err(TooManyRegistrations { limit: Self::MAX_GUESTS }) } else { Ok(()) }
    }

    /// The command as far as it is in somebody's power.
    #[must_use]
    pub fn restrict_to(&self, by: &Authority, aggregate: &WorkshopAggregate) -> Self {
        let requests =
            self.requests.iter().map(|request| request.clone().map(|request| request.restrict_to(by, aggregate)));
        Self { requests: requests.collect(), ..*self }
    }

    /// Tells this request from another one under the same idempotency key.
    pub fn fingerprint(&self) -> Fingerprint {
        let Self { workshop, mode, requests } = self;
        let mode = match mode {
            Mode::PerGuest => "PER_GUEST",
            Mode::AllOrNothing => "ALL_OR_NOTHING",
        };
        Fingerprint::of(
            "registerGuests",
            &FingerprintInputs::default().field("workshopId", workshop).field("mode", mode).field("guests", requests),
        )
    }
}

impl FingerprintValue for RegisterGuest {
    fn encode(&self) -> Option<Vec<u8>> {
        self.fingerprint.encode()
    }
}

/// Decides for each guest in turn, by the rule that decides for one; each sees the effect of those before.
pub fn register_guests(
    mut aggregate: Option<&mut WorkshopAggregate>,
    command: &RegisterGuests,
    now: Timestamp,
) -> Result<PerGuest<Transition>, RegistrationsRefused> {
    let before = aggregate.as_deref().filter(|_| command.mode == Mode::AllOrNothing).cloned();
    let mut each = Vec::with_capacity(command.requests.len());
    for request in &command.requests {
        each.push(match request {
            Ok(request) => register_guest(aggregate.as_deref_mut(), request, now),
            Err(missing) => Err(missing.clone().into()),
        });
    }
    if command.mode == Mode::AllOrNothing && each.iter().any(Result::is_err) {
        // As if nobody had asked.
        if let (Some(aggregate), Some(before)) = (aggregate, before) {
            *aggregate = before;
        }
        let obstacles = each.into_iter().map(|outcome| outcome.err().map(|refusal| obstacle(command, refusal)));
        return Err(RegistrationsRefused { obstacles: obstacles.collect() });
    }
    Ok(each)
}

/// What stands in the way where nobody was registered: a guest who is named twice is not registered already.
fn obstacle(command: &RegisterGuests, refusal: RegisterGuestRefusal) -> Obstacle {
    let earlier = |request: &Result<RegisterGuest, MissingInput>| match (&refusal, request) {
        (RegisterGuestRefusal::AlreadyRegistered(already), Ok(request)) => already.registration == request.registration,
        _ => false,
    };
    match command.requests.iter().position(earlier) {
        Some(index) => Obstacle::Repeated(GuestRepeated { index }),
        None => Obstacle::Refused(refusal),
    }
}
