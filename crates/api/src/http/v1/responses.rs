//! The objects in responses about registrations.

use chrono::{DateTime, Utc};
use domain::{CenterId, GuestId, Numbered, RegistrationId, RegistrationStatus, WorkshopId};
use persistence::{RegistrationRow, StatusCounts};
use serde::Serialize;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{ObjectBuilder, RefOr, Schema, schema::Type},
};

use super::envelope::Null;

/// The state of a registration, as its documented number.
#[derive(Clone, Copy, Debug, Serialize)]
pub(super) struct Status(i16);

impl PartialSchema for Status {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::Integer)
            .enum_values(Some(0..=9))
            .description(Some(
                "The state of a registration: 0 registered, 1 cancelled, 2 no-show, 3 signed in, 4 waitlisted, \
                 5 substituted, 6 class cancelled, 7 closed, 8 enrolled, 9 rejected. 5, 8 and 9 are not used yet.",
            ))
            .into()
    }
}

impl ToSchema for Status {}

impl From<RegistrationStatus> for Status {
    fn from(status: RegistrationStatus) -> Self {
        Self(status.number())
    }
}

/// A registration that was created or changed.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct RegistrationState {
    /// The id of the registration, `reg_…`.
    #[schema(example = "reg_01m86shx60emvr4w0ammz96aqw")]
    id: String,
    status: Status,
}

/// The result of an operation that creates or changes a registration.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({ "registrations": { "id": "reg_01m86shx60emvr4w0ammz96aqw", "status": 0 }, "error": null }))]
pub(super) struct RegistrationResponse {
    registrations: RegistrationState,
    error: Null,
}

impl From<&RegistrationRow> for RegistrationResponse {
    fn from(row: &RegistrationRow) -> Self {
        let id = RegistrationId::from_uuid(row.id).to_string();
        Self { registrations: RegistrationState { id, status: row.status.0.into() }, error: Null }
    }
}

/// A registration in a list.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Registration {
    /// The id of the registration, `reg_…`.
    #[schema(example = "reg_01m86shx60emvr4w0ammz96aqw")]
    id: String,
    status: Status,
    /// The id of the workshop, `wks_…`.
    #[schema(example = "wks_01kdvdna00e00800000c000000")]
    workshop_id: String,
    /// The number of the track.
    #[schema(example = 1)]
    track_id: i32,
    /// The id of the guest, `gst_…`.
    #[schema(example = "gst_01kdvdna00e008000008000034")]
    guest_id: String,
    /// The id of the center where the guest registered, `ctr_…`.
    #[schema(example = "ctr_01kdvdna00e008000004000000")]
    center_id: String,
    /// Whether the seat came from the waitlist.
    from_waitlist: bool,
    /// When the guest registered or joined the waitlist.
    registered_at: DateTime<Utc>,
    /// When the guest checked in; null: the guest has not.
    #[schema(required = true)]
    checked_in_at: Option<DateTime<Utc>>,
    /// When the registration was cancelled or released; null: it was not.
    #[schema(required = true)]
    cancelled_at: Option<DateTime<Utc>>,
}

impl From<RegistrationRow> for Registration {
    fn from(row: RegistrationRow) -> Self {
        Self {
            id: RegistrationId::from_uuid(row.id).to_string(),
            status: row.status.0.into(),
            workshop_id: WorkshopId::from_uuid(row.workshop_id).to_string(),
            track_id: row.track_id,
            guest_id: GuestId::from_uuid(row.guest_id).to_string(),
            center_id: CenterId::from_uuid(row.center_id).to_string(),
            from_waitlist: row.from_waitlist,
            registered_at: row.registered_at,
            checked_in_at: row.checked_in_at,
            cancelled_at: row.cancelled_at,
        }
    }
}

/// The number of registrations of a list in one state.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct StatusCount {
    status: Status,
    /// The number of registrations. States without registrations are omitted.
    #[schema(minimum = 1, example = 7)]
    count: u64,
}

impl StatusCount {
    /// The counts of all states, ordered by the number of the state.
    pub(super) fn list(mut counts: StatusCounts) -> Vec<Self> {
        counts.sort_by_key(|(status, _)| status.number());
        counts.into_iter().map(|(status, count)| Self { status: status.into(), count }).collect()
    }

    /// The number of registrations in all states.
    pub(super) fn total(counts: &[Self]) -> u64 {
        counts.iter().map(|count| count.count).sum()
    }
}

/// The seats of the whole workshop, independent of the filters of the list.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Occupancy {
    /// The number of seats; null: unlimited.
    #[schema(required = true, example = 12)]
    pub(super) capacity: Option<i32>,
    /// The number of guests with a seat.
    #[schema(example = 9)]
    pub(super) seats_taken: i32,
    /// The number of free seats; null: unlimited.
    #[schema(required = true, example = 3)]
    pub(super) seats_available: Option<u32>,
    /// The number of guests on the waitlist.
    #[schema(example = 0)]
    pub(super) waitlist_length: i32,
}
