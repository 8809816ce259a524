use domain::{
    Actor, Desk, Fingerprint, Numbered, RegistrationId, Timestamp, WorkshopId,
    commands::register_guest::{Admission, RegisterGuest, RegisterGuestRefusal, register_guest},
    problems::WorkshopInvalid,
};
use sea_orm::{ConnectionTrait, sea_query::ArrayType};

use super::{Caller, Command, Keepable};
use crate::{
    Store, StoreError,
    desks::{self, Hold, Questions},
    fault::ensure_rows,
    journal,
    lane::Writes,
    rows::Rows,
};

/// The guest is registered, or in line.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Registered(pub RegistrationId);

impl Keepable for Registered {
    fn keep(&self) -> String {
        self.0.to_string()
    }

    fn recall(text: &str) -> Result<Self, StoreError> {
        text.parse().map(Self).map_err(|_| StoreError::Corrupt { what: "a kept result", why: text.to_owned() })
    }
}

impl Store {
    /// Registers a guest, or puts the guest in line. Answers after the commit.
    pub async fn register_guest(
        &self,
        request: RegisterGuest,
        caller: Caller,
    ) -> Result<Result<Registered, RegisterGuestRefusal>, StoreError> {
        match request.workshop {
            None => Ok(Err(WorkshopInvalid.into())),
            Some(workshop) => self.lanes.submit(OnWorkshop { workshop, request }, caller).await,
        }
    }

    /// What [`Store::register_guest`] would answer now, by the same rule. Writes nothing and commits to nothing.
    pub async fn would_register_guest(
        &self,
        request: &RegisterGuest,
    ) -> Result<Result<(), RegisterGuestRefusal>, StoreError> {
        let mut questions = Questions::default();
        questions.workshops.extend(request.workshop);
        questions.guests.extend(request.guest);
        let mut desks = desks::load(&self.read, &questions, Hold::No).await?;
        let desk = request.workshop.and_then(|id| desks.get_mut(&id));
        Ok(register_guest(desk, request, self.clock.now()).map(|_| ()))
    }
}

struct OnWorkshop {
    workshop: WorkshopId,
    request: RegisterGuest,
}

impl Command for OnWorkshop {
    type Success = Registered;
    type Refusal = RegisterGuestRefusal;

    fn workshop(&self) -> WorkshopId {
        self.workshop
    }

    fn fingerprint(&self) -> &Fingerprint {
        &self.request.fingerprint
    }

    fn ask(&self, questions: &mut Questions) {
        questions.guests.extend(self.request.guest);
    }

    fn decide(
        &self,
        desk: Option<&mut Desk>,
        now: Timestamp,
        actor: &Actor,
        writes: &mut Writes,
    ) -> Result<Registered, RegisterGuestRefusal> {
        // The id was made for this request: if it is there, an earlier attempt was committed and its answer lost.
        let own = Some(self.request.registration);
        let there = desk.as_deref().zip(self.request.guest).and_then(|(desk, guest)| desk.live_registration(guest));
        if there == own {
            return Ok(Registered(self.request.registration));
        }
        let admission = register_guest(desk, &self.request, now)?;
        writes.admit(&admission, actor, now);
        Ok(Registered(admission.registration))
    }
}

impl Writes {
    fn admit(&mut self, admission: &Admission, actor: &Actor, now: Timestamp) {
        self.journal.push(journal::Entry {
            workshop: admission.workshop,
            registration: admission.registration,
            kind: admission.standing.beginning(),
            before: None,
            after: admission.standing.status(),
            actor: actor.clone(),
            at: now,
        });
        self.workshops.insert(admission.workshop);
        self.tracks.insert((admission.workshop, admission.track));
        self.admissions.push((admission.clone(), now));
    }
}

pub(crate) async fn insert(
    db: &impl ConnectionTrait,
    admissions: Vec<(Admission, Timestamp)>,
) -> Result<(), StoreError> {
    let rows = Rows::of(
        [
            ("id", ArrayType::Uuid),
            ("workshop_id", ArrayType::Uuid),
            ("track_id", ArrayType::Int),
            ("guest_id", ArrayType::Uuid),
            ("center_id", ArrayType::Uuid),
            ("status", ArrayType::SmallInt),
            ("place", ArrayType::BigInt),
            ("registered_at", ArrayType::ChronoDateTimeUtc),
        ],
        admissions.into_iter().map(|(admission, now)| {
            [
                admission.registration.uuid().into(),
                admission.workshop.uuid().into(),
                admission.track.number().into(),
                admission.guest.uuid().into(),
                admission.center.uuid().into(),
                admission.standing.status().number().into(),
                admission.standing.place().map_or(0, domain::Place::number).into(),
                now.into(),
            ]
        }),
    );
    let count = rows.len();
    let written = rows
        .execute(
            db,
            "INSERT INTO registrations \
             (id, workshop_id, track_id, guest_id, center_id, status, place, from_waitlist, registered_at) \
             SELECT id, workshop_id, track_id, guest_id, center_id, status, NULLIF(place, 0), false, registered_at \
             FROM rows",
        )
        .await?;
    ensure_rows("registration", count, written)
}
