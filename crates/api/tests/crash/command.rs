//! What callers ask for.

use serde_json::{Value, json};
use tests::Workshop;

use crate::ledger::{Slot, Status};

/// A command about a guest at a workshop.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Command {
    Register { waitlist: bool },
    Cancel,
    Promote,
    CheckIn,
}

const REGISTER: &str = "mutation ($workshop: ID!, $input: RegisterGuestInput!) {
    registerGuest(workshopId: $workshop, input: $input) {
        __typename ... on Registration { id status } ... on Problem { message } } }";
const CANCEL: &str = "mutation ($id: ID!, $key: String) {
    cancelRegistration(registrationId: $id, input: { idempotencyKey: $key }) {
        __typename ... on CancelRegistrationSuccess { registration { id status } } ... on Problem { message } } }";
const PROMOTE: &str = "mutation ($id: ID!, $key: String) {
    promoteFromWaitlist(registrationId: $id, idempotencyKey: $key) {
        __typename ... on Registration { id status } ... on Problem { message } } }";
const CHECK_IN: &str = "mutation ($id: ID!, $key: String) {
    checkInGuest(registrationId: $id, idempotencyKey: $key) {
        __typename ... on Registration { id status } ... on Problem { message } } }";

impl Command {
    /// The document and its variables.
    pub(crate) fn words(self, slot: &Slot, workshop: &Workshop, key: Option<&str>) -> (&'static str, Value) {
        let document = match self {
            Self::Register { waitlist } => return (REGISTER, register(workshop, &slot.guest, waitlist, key)),
            Self::Cancel => CANCEL,
            Self::Promote => PROMOTE,
            Self::CheckIn => CHECK_IN,
        };
        (document, json!({ "id": slot.last().map(|known| &known.id), "key": key }))
    }

    /// Whether this refusal can be met by one who knows how the guest stands, for others take seats and give them up.
    pub(crate) fn may_meet(self, refusal: &str) -> bool {
        match self {
            Self::Register { .. } => refusal == "CapacityExceeded",
            Self::Promote => ["CapacityExceeded", "GuestNotWaitlisted"].contains(&refusal),
            Self::Cancel | Self::CheckIn => false,
        }
    }

    /// Where it takes a registration.
    pub(crate) fn leads_to(self) -> Option<Status> {
        match self {
            Self::Register { .. } => None,
            Self::Cancel => Some(Status::Cancelled),
            Self::Promote => Some(Status::Registered),
            Self::CheckIn => Some(Status::SignedIn),
        }
    }
}

fn register(workshop: &Workshop, guest: &str, waitlist: bool, key: Option<&str>) -> Value {
    let input = json!({ "trackId": workshop.tracks[0], "guestId": guest, "centerId": workshop.center,
        "waitlist": waitlist, "idempotencyKey": key });
    json!({ "workshop": workshop.id, "input": input })
}

/// A registration of nobody: it is refused, once the workshop was held for it.
pub(crate) fn of_nobody(workshop: &Workshop) -> (&'static str, Value) {
    (REGISTER, register(workshop, "gst_00000000000000000000000000", false, None))
}
