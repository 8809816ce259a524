//! The tabs of the demo's playground: one for each result of `registerGuest`, then all other examples.

use std::collections::BTreeSet;

use chrono::{Days, NaiveDate};
use domain::{CenterId, GuestId, WorkshopId};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    data::{FULL, NOT_YET_OPEN, OPEN, PLANS, WAITLIST_FULL},
    seed::{GUESTS, RESERVED, Seeded, center, guest, workshop},
};
use crate::{
    Tab,
    examples::{self, example},
};

/// The variables of a `registerGuest` against the demo's data.
pub(super) struct SampleRegistration {
    workshop: String,
    input: Value,
}

impl SampleRegistration {
    /// A registration for one of the demo's workshops, of a guest without one.
    fn new(seeded: &Seeded, number: usize) -> Self {
        let input = json!({
            "trackId": first_track(seeded, number),
            "guestId": guest(GUESTS - 1 - number).to_string(),
            "centerId": center(PLANS[number].centers[0]).to_string(),
            // The editor marks a non-null input field as required, even if it has a default.
            "waitlist": false,
        });
        Self { workshop: workshop(number).to_string(), input }
    }

    /// A registration of a guest whom no tab registers.
    pub(super) fn for_terminal(seeded: &Seeded) -> Self {
        Self::new(seeded, OPEN).with("guestId", guest(GUESTS - RESERVED).to_string())
    }

    fn with(mut self, field: &str, value: impl Into<Value>) -> Self {
        self.input[field] = value.into();
        self
    }

    fn variables(&self) -> Value {
        json!({ "workshopId": self.workshop, "input": self.input })
    }

    /// The body of an HTTP request.
    pub(super) fn body(&self) -> String {
        let query = "mutation ($workshopId: ID!, $input: RegisterGuestInput!) { registerGuest(workshopId: $workshopId, \
                     input: $input) { __typename ... on Registration { id status } ... on Problem { code message } } }";
        json!({ "query": query, "variables": self.variables() }).to_string()
    }

    /// The example `RegisterGuest` under another operation name, with these variables.
    fn tab(&self, operation: &str, comment: &str) -> Tab {
        let Tab { query, .. } = example!("RegisterGuest");
        let document = query.split_once('\n').map_or("", |(_, document)| document);
        let document = document.replacen("mutation RegisterGuest(", &format!("mutation {operation}("), 1);
        Tab { query: format!("# {comment}\n{document}"), variables: Some(format!("{:#}", self.variables())) }
    }
}

pub(super) fn tabs(seeded: &Seeded) -> Vec<Tab> {
    let registration = |number| SampleRegistration::new(seeded, number);
    let open = || registration(OPEN);
    let unknown_guest = GuestId::from_uuid(Uuid::nil()).to_string();
    let unknown_center = CenterId::from_uuid(Uuid::nil()).to_string();
    let foreign_track = first_track(seeded, FULL);
    let unknown_workshop = SampleRegistration { workshop: WorkshopId::from_uuid(Uuid::nil()).to_string(), ..open() };
    let empty = SampleRegistration { input: json!({ "centerId": " ", "waitlist": false }), ..open() };
    // A guest whom no other tab of that workshop uses.
    let waiting_guest = guest(GUESTS - 13).to_string();
    // The first guest to have registered there.
    let registered_guest = guest(OPEN * 7).to_string();
    let mut tabs = vec![
        example!("RegisterGuest"),
        registration(FULL)
            .with("guestId", waiting_guest)
            .with("waitlist", true)
            .tab("JoinWaitlist", "The workshop is full; the guest joins its waitlist."),
        empty.tab("MissingInput", "1004: required fields are missing; the response lists all of them."),
        unknown_workshop.tab("WorkshopInvalid", "1001: no workshop has this id."),
        open().with("guestId", unknown_guest).tab("GuestInvalid", "502: no guest has this id."),
        open()
            .with("centerId", unknown_center)
            .tab("CenterInvalid", "502: no center has this id, or the center does not run this workshop."),
        open().with("trackId", foreign_track).tab("TrackNotInWorkshop", "502: the track belongs to another workshop."),
        open()
            .with("guestId", registered_guest)
            .tab("AlreadyRegistered", "1010: the guest already has a registration; the response contains it."),
        registration(NOT_YET_OPEN).tab("RegistrationNotOpen", "1009: registration opens later."),
        registration(WAITLIST_FULL)
            .with("waitlist", true)
            .tab("WaitlistNotOpen", "1009: the waitlist has reached its limit."),
        registration(FULL).tab("CapacityExceeded", "1011: all seats are taken, but the waitlist is open."),
        example!("IdempotencyKeyReused"),
        example!("RetrySafely"),
        example!("RegistrationEligibility"),
        example!("CancelRegistration"),
        example!("CheckInGuest"),
        example!("Workshops"),
        example!("Workshop"),
        example!("OnWorkshopSeats"),
        Tab { variables: Some(format!("{:#}", registration_period(seeded.registered_on))), ..example!("Statistics") },
        example!("Changes"),
        example!("OnChanges"),
        example!("CreateWorkshop"),
        example!("UpdateWorkshop"),
    ];
    tabs.extend(others(&tabs));
    tabs
}

/// The examples that have no tab yet.
fn others(tabs: &[Tab]) -> Vec<Tab> {
    let shown: BTreeSet<_> = tabs.iter().map(Tab::operation).collect();
    examples::all().filter(|tab| !shown.contains(tab.operation())).collect()
}

/// The days around the one on which the guests of the demo registered.
fn registration_period(day: NaiveDate) -> Value {
    let (from, to) = (day - Days::new(3), day + Days::new(3));
    json!({ "filter": { "centerId": center(0).to_string(), "period": { "from": from, "to": to } } })
}

fn first_track(seeded: &Seeded, number: usize) -> i32 {
    seeded.tracks[number].first().map_or(0, |track| track.number())
}
