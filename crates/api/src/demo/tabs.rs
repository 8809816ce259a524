//! What the playground of the demo starts with: one tab for each answer that `registerGuest` can give,
//! and one for each edit of a workshop.

use domain::{CenterId, GuestId, WorkshopId};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    catalogue::{
        CALLED_OFF, DRAFT, FAR_OFF, FOR_A_GROUP, FULL, LINE_FULL, NOT_YET_OPEN, OPEN, PLANS, RUNNING, SMALL_BENCH,
        WAITED_FOR,
    },
    seed::{GUESTS, RESERVED, Seeded, center, guest, registration, session_id, workshop},
};
use crate::Tab;

/// A registration that can be tried.
pub(super) struct Attempt {
    workshop: String,
    input: Value,
}

impl Attempt {
    /// A seat at one of the demo's workshops, for a guest who has none there.
    pub(super) fn at(seeded: &Seeded, number: usize) -> Self {
        let input = json!({
            "trackId": first_track(seeded, number),
            "guestId": guest(GUESTS - 1 - number).to_string(),
            "centerId": center(PLANS[number].centers[0]).to_string(),
            // The editor takes a field without null for required, default or not.
            "waitlist": false,
        });
        Self { workshop: workshop(number).to_string(), input }
    }

    /// A seat for somebody whom no tab registers.
    pub(super) fn from_a_terminal(seeded: &Seeded) -> Self {
        Self::at(seeded, OPEN).with("guestId", guest(GUESTS - RESERVED).to_string())
    }

    fn with(mut self, field: &str, value: impl Into<Value>) -> Self {
        self.input[field] = value.into();
        self
    }

    fn variables(&self) -> Value {
        json!({ "workshopId": self.workshop, "input": self.input })
    }

    /// As a body to post, with the ids in place.
    pub(super) fn body(&self) -> String {
        let query = "mutation ($workshopId: ID!, $input: RegisterGuestInput!) { registerGuest(workshopId: $workshopId, \
                     input: $input) { __typename ... on Registration { id status } ... on Problem { code message } } }";
        json!({ "query": query, "variables": self.variables() }).to_string()
    }

    fn tab(&self, operation: &str, comment: &str) -> Tab {
        let query = include_str!("../../playground/tabs/register.graphql");
        tab(&query.replace("{operation}", operation).replace("{comment}", comment), &self.variables())
    }
}

fn tab(query: &str, variables: &Value) -> Tab {
    Tab { query: query.to_owned(), variables: Some(format!("{variables:#}")) }
}

pub(super) fn tabs(seeded: &Seeded) -> Vec<Tab> {
    let at = |number| Attempt::at(seeded, number);
    let open = || at(OPEN);
    let nobody = GuestId::from_uuid(Uuid::nil()).to_string();
    let nowhere = CenterId::from_uuid(Uuid::nil()).to_string();
    let foreign_track = first_track(seeded, FULL);
    let no_workshop = Attempt { workshop: WorkshopId::from_uuid(Uuid::nil()).to_string(), ..open() };
    let nothing = Attempt { input: json!({ "centerId": " ", "waitlist": false }), ..open() };
    // Somebody else than those whom the other tabs of that workshop are about.
    let latecomer = guest(GUESTS - 13).to_string();
    // The first guest to have registered there.
    let registered = guest(OPEN * 7).to_string();
    let mut tabs = vec![
        open().tab("RegisterGuest", "A guest gets a seat. Run it again and read why there is no second one."),
        at(FULL)
            .with("guestId", latecomer)
            .with("waitlist", true)
            .tab("JoinWaitlist", "The workshop is full; the guest joins its line instead."),
        nothing.tab("MissingInput", "1004: all that is missing is named at once."),
        no_workshop.tab("WorkshopInvalid", "1001: no workshop has this id."),
        open().with("guestId", nobody).tab("GuestInvalid", "502: no guest has this id."),
        open()
            .with("centerId", nowhere)
            .tab("CenterInvalid", "502: no center has this id, or it does not run this workshop."),
        open().with("trackId", foreign_track).tab("TrackNotInWorkshop", "502: the track is another workshop's."),
        open().with("guestId", registered).tab("AlreadyRegistered", "1010: the guest is registered, and here is how."),
        at(NOT_YET_OPEN).tab("RegistrationNotOpen", "1009: the window opens later."),
        at(LINE_FULL).with("waitlist", true).tab("WaitlistNotOpen", "1009: the line has reached its limit."),
        at(FULL).tab("CapacityExceeded", "1011: every seat is taken, but the line is open."),
        tab(include_str!("../../playground/tabs/IdempotencyKeyReused.graphql"), &reuse(seeded)),
        tab(include_str!("../../playground/tabs/RetrySafely.graphql"), &retry(seeded)),
        tab(
            include_str!("../../playground/tabs/CancelRegistration.graphql"),
            &json!({ "registrationId": registration(FULL, 0).to_string(), "input": { "reason": "Cannot come" } }),
        ),
        on_registration("PromoteFromWaitlist", "A guest who waits gets a free seat, out of turn.", WAITED_FOR, 5),
        on_registration("CheckInGuest", "The guest is here.", RUNNING, 0),
        on_registration("UndoCheckIn", "Not here after all; run CheckInGuest first.", RUNNING, 0),
        on_registration("MarkNoShow", "The workshop has started, and the guest did not come.", RUNNING, 1),
        tab(
            include_str!("../../playground/tabs/ChangeTrack.graphql"),
            &json!({ "registrationId": registration(OPEN, 1).to_string(), "trackId": first_track(seeded, OPEN) }),
        ),
        tab(include_str!("../../playground/tabs/RegisterGuests.graphql"), &group(seeded)),
        tab(include_str!("../../playground/tabs/History.graphql"), &json!({ "id": registration(FULL, 0).to_string() })),
        tab(include_str!("../../playground/tabs/Changes.graphql"), &json!({ "first": 20 })),
        tab(include_str!("../../playground/tabs/CheckEligibility.graphql"), &at(FULL).variables()),
        tab(include_str!("../../playground/tabs/BrowseWorkshops.graphql"), &json!({ "first": 10 })),
        tab(
            include_str!("../../playground/tabs/FrontDesk.graphql"),
            &json!({ "workshopId": workshop(FULL).to_string(), "first": 20 }),
        ),
    ];
    tabs.extend(finding());
    tabs.extend(authoring(seeded));
    tabs
}

/// Finding one's way in long lists.
fn finding() -> [Tab; 4] {
    let free = json!({ "text": "clay", "registrationState": ["OPEN"], "seatsAvailableAtLeast": 2 });
    let of_a_center = json!({ "centerId": center(0).to_string(), "when": "UPCOMING" });
    [
        tab(include_str!("../../playground/tabs/FindGuests.graphql"), &json!({ "text": "anan beck" })),
        tab(include_str!("../../playground/tabs/FindWorkshops.graphql"), &json!({ "filter": free })),
        tab(
            include_str!("../../playground/tabs/Registrations.graphql"),
            &json!({ "filter": of_a_center, "first": 20 }),
        ),
        tab(
            include_str!("../../playground/tabs/Waitlist.graphql"),
            &json!({ "workshopId": workshop(LINE_FULL).to_string() }),
        ),
    ]
}

/// A tab for each edit of a workshop.
fn authoring(seeded: &Seeded) -> Vec<Tab> {
    let track = |number: usize, place: usize| seeded.tracks[number].get(place).map_or(0, |track| track.number());
    let with = |number: usize, input: Value| json!({ "workshopId": workshop(number).to_string(), "input": input });
    let session = |center_number: usize| {
        json!({
            "title": "An evening more",
            "startsAt": "2035-05-04T16:00:00Z",
            "endsAt": "2035-05-04T19:00:00Z",
            "centerId": center(center_number).to_string(),
        })
    };
    let new = json!({
        "title": "Marbling on Paper",
        "capacity": 12,
        "waitlistEnabled": true,
        "centerIds": [center(0).to_string()],
        "tracks": [{ "name": "Evening bench", "sessions": [session(0)] }],
    });
    let there = session_id(FAR_OFF, 9, 1).to_string();
    vec![
        tab(include_str!("../../playground/tabs/CreateWorkshop.graphql"), &json!({ "input": new })),
        tab(
            include_str!("../../playground/tabs/UpdateWorkshop.graphql"),
            &with(FULL, json!({ "capacity": PLANS[FULL].capacity.map(|capacity| capacity + 1) })),
        ),
        tab(
            include_str!("../../playground/tabs/PublishWorkshop.graphql"),
            &json!({ "workshopId": workshop(DRAFT).to_string() }),
        ),
        tab(
            include_str!("../../playground/tabs/CancelWorkshop.graphql"),
            &with(CALLED_OFF, json!({ "reason": "The press is broken." })),
        ),
        tab(
            include_str!("../../playground/tabs/AddTrack.graphql"),
            &with(NOT_YET_OPEN, json!({ "name": "Evening bench", "capacity": 4 })),
        ),
        tab(
            include_str!("../../playground/tabs/UpdateTrack.graphql"),
            &json!({ "trackId": track(SMALL_BENCH, 0), "input": { "capacity": 3 } }),
        ),
        tab(include_str!("../../playground/tabs/RemoveTrack.graphql"), &json!({ "trackId": track(NOT_YET_OPEN, 1) })),
        tab(
            include_str!("../../playground/tabs/AddSession.graphql"),
            &json!({ "trackId": track(FAR_OFF, 0), "input": session(PLANS[FAR_OFF].centers[0]) }),
        ),
        tab(
            include_str!("../../playground/tabs/UpdateSession.graphql"),
            &json!({ "sessionId": there, "input": { "room": "Room 9", "instructor": "Rita Sousa" } }),
        ),
        tab(
            include_str!("../../playground/tabs/CancelSession.graphql"),
            &json!({ "sessionId": session_id(FAR_OFF, 14, 1).to_string() }),
        ),
    ]
    .into_iter()
    .chain(people())
    .collect()
}

/// Entering and changing those who register, and where they go.
fn people() -> [Tab; 5] {
    let new_center = json!({ "externalId": "site-6", "name": "Oficina do Porto", "timeZone": "Europe/Lisbon" });
    let renamed = json!({ "name": "Indiranagar Studio & Garden" });
    let new_guest = json!({
        "externalId": "crm-2001", "givenName": "Mira", "familyName": "Koch", "email": "mira.koch@example.com",
        "phone": "+49 30 5550100", "homeCenterId": center(1).to_string(),
    });
    let changed = json!({ "phone": "+1-202-555-0199", "email": null });
    let brought_over = json!([
        { "externalId": "crm-2002", "givenName": "Nils", "familyName": "Lund" },
        { "externalId": "crm-1001", "phone": "+1-202-555-0198" },
        { "externalId": "crm-2003", "givenName": "Olga", "familyName": "Petrov", "email": "olga" },
    ]);
    [
        tab(include_str!("../../playground/tabs/CreateCenter.graphql"), &json!({ "input": new_center })),
        tab(
            include_str!("../../playground/tabs/UpdateCenter.graphql"),
            &json!({ "centerId": center(0).to_string(), "input": renamed }),
        ),
        tab(include_str!("../../playground/tabs/CreateGuest.graphql"), &json!({ "input": new_guest })),
        tab(
            include_str!("../../playground/tabs/UpdateGuest.graphql"),
            &json!({ "guestId": guest(0).to_string(), "input": changed }),
        ),
        tab(
            include_str!("../../playground/tabs/ImportGuests.graphql"),
            &json!({ "input": { "guests": brought_over } }),
        ),
    ]
}

/// A step in the life of a registration.
fn on_registration(operation: &str, comment: &str, number: usize, place: usize) -> Tab {
    let mut field = operation.to_owned();
    field[..1].make_ascii_lowercase();
    let query = include_str!("../../playground/tabs/onRegistration.graphql");
    let query = query.replace("{operation}", operation).replace("{field}", &field).replace("{comment}", comment);
    tab(&query, &json!({ "registrationId": registration(number, place).to_string() }))
}

fn first_track(seeded: &Seeded, number: usize) -> i32 {
    seeded.tracks[number].first().map_or(0, |track| track.number())
}

/// Three guests who come together or not at all.
fn group(seeded: &Seeded) -> Value {
    let attempts =
        (0..3).map(|who| Attempt::at(seeded, FOR_A_GROUP).with("guestId", guest(GUESTS - 14 - who).to_string()));
    let guests: Vec<_> = attempts.map(|attempt| attempt.input).collect();
    let workshop = workshop(FOR_A_GROUP).to_string();
    json!({ "workshopId": workshop, "input": { "mode": "ALL_OR_NOTHING", "guests": guests } })
}

/// A seat for one of the guests whom nothing else registers, under a key.
fn under_key(seeded: &Seeded, who: usize, key: &str) -> Attempt {
    Attempt::at(seeded, OPEN).with("guestId", guest(GUESTS - who).to_string()).with("idempotencyKey", key)
}

fn retry(seeded: &Seeded) -> Value {
    under_key(seeded, 10, "one-key-for-each-registration").variables()
}

fn reuse(seeded: &Seeded) -> Value {
    let (one, other) = (under_key(seeded, 11, "taken"), under_key(seeded, 12, "taken"));
    json!({ "workshopId": one.workshop, "input": one.input, "other": other.input })
}
