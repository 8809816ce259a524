//! Registers several guests for a workshop in one transaction.

use super::{
    refusal,
    register_guest::{RegisterGuest, RegisterGuestRefusal, register_guest},
};
use crate::{
    Fingerprint, FingerprintInputs, FingerprintValue, RegistrationId, Timestamp, WorkshopAggregate, WorkshopId,
    access::Authority,
    problems::{GuestRepeated, MissingInput, Obstacle, RegistrationsRefused, TooManyRegistrations},
};

/// Whether a refused guest affects the other guests.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Mode {
    /// Each guest is registered or refused independently.
    PerGuest,
    /// If one guest is refused, no guest is registered.
    AllOrNothing,
}

/// Registers several guests, in the order of the requests.
#[derive(Clone, Debug)]
pub struct RegisterGuests {
    /// The workshop; `None` if the id is malformed.
    pub workshop: Option<WorkshopId>,
    /// Whether a refused guest affects the other guests.
    pub mode: Mode,
    /// The request of each guest, or its missing inputs.
    pub requests: Vec<Result<RegisterGuest, MissingInput>>,
}

refusal! {
    /// The problems of the whole command.
    RegisterGuestsRefusal { TooManyRegistrations, RegistrationsRefused, IdempotencyKeyReused }
}

/// The result of each guest, in the order of the requests.
pub type PerGuest<T> = Vec<Result<T, RegisterGuestRefusal>>;

impl RegisterGuests {
    /// The maximum number of guests in one request.
    pub const MAX_GUESTS: usize = 200;

    /// Ensures that a request does not have too many guests.
    pub fn ensure_within_limit(number: usize) -> Result<(), TooManyRegistrations> {
        if number > Self::MAX_GUESTS { Err(TooManyRegistrations { limit: Self::MAX_GUESTS }) } else { Ok(()) }
    }

    /// The command within the caller's rights.
    #[must_use]
    pub fn restrict_to(&self, authority: &Authority, aggregate: &WorkshopAggregate) -> Self {
        let requests = self
            .requests
            .iter()
            .map(|request| request.clone().map(|request| request.restrict_to(authority, aggregate)));
        Self { requests: requests.collect(), ..*self }
    }

    /// Identifies the input under an idempotency key.
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

/// Decides for each guest in turn, by the rule of `registerGuest`. Each decision sees the effects of the earlier ones.
pub fn register_guests(
    mut aggregate: Option<&mut WorkshopAggregate>,
    command: &RegisterGuests,
    now: Timestamp,
) -> Result<PerGuest<RegistrationId>, RegistrationsRefused> {
    let before = aggregate.as_deref().filter(|_| command.mode == Mode::AllOrNothing).cloned();
    let mut outcomes = Vec::with_capacity(command.requests.len());
    for request in &command.requests {
        outcomes.push(match request {
            Ok(request) => register_guest(aggregate.as_deref_mut(), request, now).map(|()| request.registration),
            Err(missing) => Err(missing.clone().into()),
        });
    }
    if command.mode == Mode::AllOrNothing && outcomes.iter().any(Result::is_err) {
        // Undo the registrations of the other guests.
        if let (Some(aggregate), Some(before)) = (aggregate, before) {
            *aggregate = before;
        }
        let obstacles = outcomes.into_iter().map(|outcome| outcome.err().map(|refusal| obstacle(command, refusal)));
        return Err(RegistrationsRefused { obstacles: obstacles.collect() });
    }
    Ok(outcomes)
}

/// The obstacle of a guest in an all-or-nothing request. A guest who occurs twice is repeated, not already registered.
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
