//! The commands that workers send.

use serde_json::{Value, json};
use tests::Workshop;

use crate::history::{History, Status};

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
    /// The GraphQL document and its variables.
    pub(crate) fn request(self, history: &History, workshop: &Workshop, key: Option<&str>) -> (&'static str, Value) {
        let document = match self {
            Self::Register { waitlist } => return (REGISTER, register(workshop, &history.guest, waitlist, key)),
            Self::Cancel => CANCEL,
            Self::Promote => PROMOTE,
            Self::CheckIn => CHECK_IN,
        };
        (document, json!({ "id": history.last().map(|registration| &registration.id), "key": key }))
    }

    /// Whether a problem is possible although the worker knows the guest's status: other workers take and free seats.
    pub(crate) fn can_be_refused_with(self, problem: &str) -> bool {
        match self {
            Self::Register { .. } => problem == "CapacityExceeded",
            Self::Promote => ["CapacityExceeded", "GuestNotWaitlisted"].contains(&problem),
            Self::Cancel | Self::CheckIn => false,
        }
    }

    /// The status of the registration after this command.
    pub(crate) fn resulting_status(self) -> Option<Status> {
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

/// A registration of an unknown guest. The server refuses it after it has locked the workshop.
pub(crate) fn register_unknown_guest(workshop: &Workshop) -> (&'static str, Value) {
    (REGISTER, register(workshop, "gst_00000000000000000000000000", false, None))
}
