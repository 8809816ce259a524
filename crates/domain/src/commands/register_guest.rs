//! Register a guest to a workshop, or put the guest in line.

use super::refusal;
use crate::{
    CenterId, ChangeKind, Fingerprint, FingerprintInputs, GuestId, Registration, RegistrationId, Standing, Timestamp,
    TrackId, Transition, WorkshopAggregate, WorkshopId,
    access::Authority,
    problems::{MissingInput, RequiredInput, WorkshopInvalid},
};

/// The request as it came in, word for word.
#[derive(Clone, Copy, Debug, Default)]
pub struct RegistrationForm<'a> {
    /// The workshop's id.
    pub workshop: &'a str,
    /// The track's number.
    pub track: Option<i32>,
    /// The guest's id.
    pub guest: Option<&'a str>,
    /// The center's id.
    pub center: Option<&'a str>,
    /// Whether the guest asks for a place in line instead of a seat.
    pub waitlist: bool,
}

/// The request once nothing is missing. A reference that is `None` was malformed and names nothing: it is refused
/// when its turn comes, so that a request with several faults is always answered with the first of them.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct RegisterGuest {
    /// The id that the registration gets if there is one.
    pub registration: RegistrationId,
    /// The workshop.
    pub workshop: Option<WorkshopId>,
    /// The track.
    pub track: Option<TrackId>,
    /// The guest.
    pub guest: Option<GuestId>,
    /// The center where the guest registers.
    pub center: Option<CenterId>,
    /// Whether the guest asks for a place in line instead of a seat.
    pub waitlist: bool,
    /// Tells this request from another one under the same idempotency key.
    pub fingerprint: Fingerprint,
}

refusal! {
    /// The problems this command can meet, in the order in which they are looked for.
    #[derive(serde::Deserialize, serde::Serialize)]
    RegisterGuestRefusal {
        MissingInput,
        WorkshopInvalid,
        GuestInvalid,
        CenterInvalid,
        TrackNotInWorkshop,
        AlreadyRegistered,
        WaitlistNotOpen,
        RegistrationNotOpen,
        CapacityExceeded,
        IdempotencyKeyReused,
    }
}

impl RegisterGuest {
    /// Refuses what needs no look-up to be refused, and reads the rest once.
    pub fn parse(form: RegistrationForm<'_>, registration: RegistrationId) -> Result<Self, MissingInput> {
        let given = |text: Option<&str>| text.is_some_and(|text| !text.trim().is_empty());
        let fields: Vec<_> = [
            (RequiredInput::Track, form.track.is_some()),
            (RequiredInput::Guest, given(form.guest)),
            (RequiredInput::Center, given(form.center)),
        ]
        .into_iter()
        .filter_map(|(field, given)| (!given).then_some(field))
        .collect();
        if !fields.is_empty() {
            return Err(MissingInput { fields });
        }
        let RegistrationForm { workshop, track, guest, center, waitlist } = form;
        let (track, guest, center) = (track.unwrap_or_default(), guest.unwrap_or_default(), center.unwrap_or_default());
        Ok(Self {
            registration,
            workshop: workshop.parse().ok(),
            track: TrackId::new(track),
            guest: guest.parse().ok(),
            center: center.parse().ok(),
            waitlist,
            fingerprint: Fingerprint::of(
                "registerGuest",
                &FingerprintInputs::default()
                    .field("workshopId", workshop)
                    .field("trackId", &track)
                    .field("guestId", guest)
                    .field("centerId", center)
                    .field("waitlist", &waitlist),
            ),
        })
    }
}

impl RegisterGuest {
    /// The request as far as it is in somebody's power: a guest whom they do not see, and a center where they may not
    /// act, are as if they were not there.
    #[must_use]
    pub fn restrict_to(&self, by: &Authority, aggregate: &WorkshopAggregate) -> Self {
        let sees = |guest: &GuestId| {
            by.visibility().guests().includes_guest(*guest, aggregate.guest_centers.get(guest).into_iter().flatten())
        };
        let guest = self.guest.filter(sees);
        let center = self.center.filter(|center| by.reach().includes(*center));
        Self { guest, center, ..self.clone() }
    }
}

/// Decides a request on the workshop's aggregate (`None`: there is no such workshop) and notes a granted one on it.
///
/// The order of the checks is part of the contract. That the guest is registered already is said before the window
/// and the capacity are looked at: who holds the last seat is told so, and not that the workshop is full.
pub fn register_guest(
    aggregate: Option<&mut WorkshopAggregate>,
    request: &RegisterGuest,
    now: Timestamp,
) -> Result<Transition, RegisterGuestRefusal> {
    let aggregate = aggregate.ok_or(WorkshopInvalid)?;
    aggregate.ensure_published()?;
    let guest = aggregate.ensure_guest(request.guest)?;
    let center = aggregate.ensure_center(request.center)?;
    let track = aggregate.ensure_track(request.track)?;
    aggregate.ensure_not_live(guest)?;
    let (standing, kind) = if request.waitlist {
        aggregate.ensure_waitlist_open(now)?;
        (Standing::Waiting { number: aggregate.take_waitlist_number() }, ChangeKind::Waitlisted)
    } else {
        aggregate.ensure_open(now)?;
        aggregate.ensure_seat_available(track, now)?;
        (Standing::Seated, ChangeKind::Registered)
    };
    let registration = Registration { id: request.registration, guest, track, center, standing, promoted_at: None };
    Ok(aggregate.add_registration(registration, kind))
}

#[cfg(test)]
mod tests;
