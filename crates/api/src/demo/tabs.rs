//! What the playground of the demo starts with: what a newcomer tries, one tab for each answer that `registerGuest` can
//! give, and behind them all other operations. They are told with the documents of `examples/operations`.

use std::collections::BTreeSet;

use chrono::{Days, NaiveDate};
use domain::{CenterId, GuestId, WorkshopId};
use include_dir::{Dir, include_dir};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    data::{FULL, LINE_FULL, NOT_YET_OPEN, OPEN, PLANS},
    seed::{GUESTS, RESERVED, Seeded, center, guest, workshop},
};
use crate::Tab;

/// One document for every operation, with its variables beside it.
static EXAMPLES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../../examples/operations");

/// A document of `examples/operations` as a tab, with its variables.
macro_rules! example {
    ($name:literal) => {
        Tab {
            query: include_str!(concat!("../../../../examples/operations/", $name, ".graphql")).to_owned(),
            variables: Some(include_str!(concat!("../../../../examples/operations/", $name, ".json")).to_owned()),
        }
    };
}
pub(crate) use example;

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

    /// The example of a registration under another name, told of this attempt.
    fn tab(&self, operation: &str, comment: &str) -> Tab {
        let Tab { query, .. } = example!("RegisterGuest");
        let document = query.split_once('\n').map_or("", |(_, document)| document);
        let document = document.replacen("mutation RegisterGuest(", &format!("mutation {operation}("), 1);
        Tab { query: format!("# {comment}\n{document}"), variables: Some(format!("{:#}", self.variables())) }
    }
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
        example!("RegisterGuest"),
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
        example!("IdempotencyKeyReused"),
        example!("RetrySafely"),
        example!("RegistrationEligibility"),
        example!("CancelRegistration"),
        example!("CheckInGuest"),
        example!("Workshops"),
        example!("Workshop"),
        example!("OnWorkshopSeats"),
        Tab { variables: Some(format!("{:#}", busy_days(seeded.registered_on))), ..example!("Statistics") },
        example!("Changes"),
        example!("OnChanges"),
        example!("CreateWorkshop"),
        example!("UpdateWorkshop"),
    ];
    tabs.extend(others(&tabs));
    tabs
}

/// The examples that have no tab yet, by their names.
fn others(tabs: &[Tab]) -> Vec<Tab> {
    let shown: BTreeSet<_> = tabs.iter().map(Tab::operation).collect();
    let text = |file: &include_dir::File<'_>| file.contents_utf8().map(str::to_owned);
    let documents = EXAMPLES.files().filter(|file| file.path().extension().is_some_and(|kind| kind == "graphql"));
    let tabs = documents.filter_map(|file| {
        let variables = EXAMPLES.get_file(file.path().with_extension("json")).and_then(text);
        Some(Tab { query: text(file)?, variables })
    });
    tabs.filter(|tab| !shown.contains(tab.operation())).collect()
}

/// The days around the one on which the guests of the demo registered.
fn busy_days(day: NaiveDate) -> Value {
    let (from, to) = (day - Days::new(3), day + Days::new(3));
    json!({ "filter": { "centerId": center(0).to_string(), "period": { "from": from, "to": to } } })
}

fn first_track(seeded: &Seeded, number: usize) -> i32 {
    seeded.tracks[number].first().map_or(0, |track| track.number())
}
