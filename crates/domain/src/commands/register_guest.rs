//! Registers a guest for a workshop, or adds the guest to its waitlist.

use super::refusal;
use crate::{
    CenterId, ChangeKind, Fingerprint, FingerprintInputs, GuestId, Registration, RegistrationId, Standing, Timestamp,
    TrackId, WorkshopAggregate, WorkshopId,
    access::Authority,
    problems::{MissingInput, RequiredInput, WorkshopInvalid},
};

/// The input of a registration, not yet validated.
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
    /// Whether the guest joins the waitlist instead of taking a seat.
    pub waitlist: bool,
}

/// Registers a guest for a workshop. An id that is `None` was malformed. It is refused in its turn, so that a request
/// with several problems always gets the first one of the documented order.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct RegisterGuest {
    /// The id of the new registration.
    pub registration: RegistrationId,
    /// The workshop.
    pub workshop: Option<WorkshopId>,
    /// The track.
    pub track: Option<TrackId>,
    /// The guest.
    pub guest: Option<GuestId>,
    /// The center where the guest registers.
    pub center: Option<CenterId>,
    /// Whether the guest joins the waitlist instead of taking a seat.
    pub waitlist: bool,
    /// Identifies the input under an idempotency key.
    pub fingerprint: Fingerprint,
}

refusal! {
    /// The problems of this command, in the order of the checks.
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
        ResultNotVisible,
    }
}

impl RegisterGuest {
    /// Validates a form without the database: required inputs must be present.
    pub fn parse(form: RegistrationForm<'_>, registration: RegistrationId) -> Result<Self, MissingInput> {
        let is_present = |text: Option<&str>| text.is_some_and(|text| !text.trim().is_empty());
        let fields: Vec<_> = [
            (RequiredInput::Track, form.track.is_some()),
            (RequiredInput::Guest, is_present(form.guest)),
            (RequiredInput::Center, is_present(form.center)),
        ]
        .into_iter()
        .filter_map(|(field, is_present)| (!is_present).then_some(field))
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
    /// The request within the caller's rights: guests whom the caller cannot see, and centers beyond the caller's reach,
    /// count as missing.
    #[must_use]
    pub fn restrict_to(&self, authority: &Authority, aggregate: &WorkshopAggregate) -> Self {
        let sees = |guest: &GuestId| {
            authority
                .visibility()
                .guests()
                .includes_guest(*guest, aggregate.guest_centers.get(guest).into_iter().flatten())
        };
        let guest = self.guest.filter(sees);
        let center = self.center.filter(|center| authority.reach().includes(*center));
        Self { guest, center, ..self.clone() }
    }
}

/// Decides a registration and adds it to the aggregate. `None` is a workshop that does not exist.
///
/// The order of the checks is part of the API. A live registration is checked before the window and the capacity: the
/// guest who holds the last seat gets `AlreadyRegistered`, not `CapacityExceeded`.
pub fn register_guest(
    aggregate: Option<&mut WorkshopAggregate>,
    request: &RegisterGuest,
    now: Timestamp,
) -> Result<(), RegisterGuestRefusal> {
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
    let registration =
        Registration { id: request.registration, guest, track, center, standing, promoted_at: None, note: None };
    aggregate.add_registration(registration, kind);
    Ok(())
}

#[cfg(test)]
mod tests;
