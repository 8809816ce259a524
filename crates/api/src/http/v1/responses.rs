//! What answers are made of.

use chrono::{DateTime, Utc};
use domain::{CenterId, GuestId, Numbered, RegistrationId, RegistrationStatus, WorkshopId};
use persistence::{RegistrationRow, StatusCounts};
use serde::Serialize;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{ObjectBuilder, RefOr, Schema, schema::Type},
};

use super::envelope::Nothing;

/// A state of a registration, by its documented number.
#[derive(Clone, Copy, Debug, Serialize)]
pub(super) struct Status(i16);

impl PartialSchema for Status {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::Integer)
            .enum_values(Some(0..=9))
            .description(Some(
                "What became of a registration: 0 registered, 1 cancelled, 2 no-show, 3 signed in, 4 waitlisted, \
                 5 substituted, 6 class cancelled, 7 closed, 8 enrolled, 9 rejected. 5, 8 and 9 are not told yet.",
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

/// A registration after it was made or changed.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct RegistrationState {
    /// The registration, `reg_…`.
    #[schema(example = "reg_01m86shx60emvr4w0ammz96aqw")]
    id: String,
    status: Status,
}

/// It is done.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({ "registrations": { "id": "reg_01m86shx60emvr4w0ammz96aqw", "status": 0 }, "error": null }))]
pub(super) struct RegistrationAnswer {
    registrations: RegistrationState,
    error: Nothing,
}

impl From<&RegistrationRow> for RegistrationAnswer {
    fn from(row: &RegistrationRow) -> Self {
        let id = RegistrationId::from_uuid(row.id).to_string();
        Self { registrations: RegistrationState { id, status: row.status.0.into() }, error: Nothing }
    }
}

/// A registration of a list.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Registration {
    /// The registration, `reg_…`.
    #[schema(example = "reg_01m86shx60emvr4w0ammz96aqw")]
    id: String,
    status: Status,
    /// The workshop, `wks_…`.
    #[schema(example = "wks_01kdvdna00e00800000c000000")]
    workshop_id: String,
    /// The track of the workshop.
    #[schema(example = 1)]
    track_id: i32,
    /// The guest, `gst_…`.
    #[schema(example = "gst_01kdvdna00e008000008000034")]
    guest_id: String,
    /// The center where the guest registered, `ctr_…`.
    #[schema(example = "ctr_01kdvdna00e008000004000000")]
    center_id: String,
    /// Whether the seat came from the waitlist.
    from_waitlist: bool,
    /// When the guest registered or joined the waitlist.
    registered_at: DateTime<Utc>,
    /// When the guest came.
    #[schema(required = true)]
    checked_in_at: Option<DateTime<Utc>>,
    /// When the registration was given up or released.
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

/// How many registrations of a list are in a state.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct StatusCount {
    status: Status,
    /// How many there are, at least one: states without any are left out.
    #[schema(minimum = 1, example = 7)]
    count: u64,
}

impl StatusCount {
    /// All states, by their numbers.
    pub(super) fn of(mut counts: StatusCounts) -> Vec<Self> {
        counts.sort_by_key(|(status, _)| status.number());
        counts.into_iter().map(|(status, count)| Self { status: status.into(), count }).collect()
    }

    /// How many registrations there are in all states together.
    pub(super) fn total(counts: &[Self]) -> u64 {
        counts.iter().map(|each| each.count).sum()
    }
}

/// The seats of a workshop as a whole, whatever the list is narrowed to.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Occupancy {
    /// Seats in all; null: unlimited.
    #[schema(required = true, example = 12)]
    pub(super) capacity: Option<i32>,
    /// Guests who hold a seat.
    #[schema(example = 9)]
    pub(super) seats_taken: i32,
    /// Seats that nobody holds; null: unlimited.
    #[schema(required = true, example = 3)]
    pub(super) seats_available: Option<u32>,
    /// Guests in line.
    #[schema(example = 0)]
    pub(super) waitlist_length: i32,
}
