//! Pairs of a guest and a workshop to register, without repetition.

use domain::TrackId;
use persistence::Store;
use serde_json::json;

use crate::{
    request::Request,
    seed::{self, Size},
};

/// Numbered pairs of a guest and one of several workshops. The workshops have no other registrations.
#[derive(Clone)]
pub(crate) struct RegistrationPairs {
    pub(crate) first_workshop: u32,
    pub(crate) workshops: u32,
    /// The number of the first track of the first workshop. Each workshop has two tracks; all are numbered consecutively.
    pub(crate) first_track: i32,
    guests: u32,
    center: u32,
}

const REGISTER: &str = "mutation Register($workshop: ID!, $input: RegisterGuestInput!) { \
    registerGuest(workshopId: $workshop, input: $input) { \
    __typename ... on Registration { id status registeredAt } ... on Problem { code message } } }";

impl RegistrationPairs {
    /// Adds the workshops, one after the other, so that their tracks are numbered consecutively.
    pub(crate) async fn add_workshops(store: &Store, size: Size, first: u32, count: u32, seats: Option<u32>) -> Self {
        let mut tracks: Vec<TrackId> = Vec::new();
        for number in first..first + count {
            let added = store.add_workshop(seed::empty_workshop(number, size, seats)).await;
            tracks.extend(added.expect("a new workshop"));
        }
        let numbers: Vec<_> = tracks.iter().map(|track| track.number()).collect();
        assert!(numbers.windows(2).all(|pair| pair[0] + 1 == pair[1]), "the tracks are not numbered consecutively");
        assert!(size.guests.is_multiple_of(count), "{} guests cannot be divided by {count} workshops", size.guests);
        Self {
            first_workshop: first,
            workshops: count,
            first_track: numbers[0],
            guests: size.guests,
            center: size.centers(),
        }
    }

    /// The numbers of the guest, workshop and track of a pair. With several workshops, consecutive pairs share neither the
    /// guest nor the workshop.
    pub(crate) fn pair(&self, pair: u32) -> (u32, u32, i32) {
        let workshop = (pair + pair / self.guests) % self.workshops;
        let track = (2 * workshop + pair / self.workshops % 2).cast_signed();
        (pair % self.guests, self.first_workshop + workshop, self.first_track + track)
    }

    /// The request that registers a pair.
    pub(crate) fn request(&self, pair: u32, waitlist: bool, api_key: &str) -> Request {
        let (guest, workshop, track) = self.pair(pair);
        let input = json!({
            "trackId": track, "guestId": seed::guest(guest).to_string(), "centerId": seed::center(self.center).to_string(),
            "waitlist": waitlist,
        });
        let variables = json!({ "workshop": seed::workshop(workshop).to_string(), "input": input });
        let body = json!({ "query": REGISTER, "variables": variables });
        Request::Post { path: "/graphql".to_owned(), body, api_key: api_key.to_owned() }
    }

    /// The same pairs for pgbench: statements that set `guest`, `workshop` and `track` from `pair`.
    pub(crate) fn pgbench_variables(&self) -> String {
        let Self { first_workshop, workshops, first_track, guests, .. } = self;
        format!(
            "\\set guest :pair % {guests}\n\
             \\set workshop {first_workshop} + (:pair + :pair / {guests}) % {workshops}\n\
             \\set track {first_track} + 2 * (:workshop - {first_workshop}) + :pair / {workshops} % 2\n"
        )
    }
}
