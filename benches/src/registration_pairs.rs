//! Who registers where: pairs of a guest and a workshop, no two of them alike.

use domain::TrackId;
use persistence::Store;
use serde_json::json;

use crate::{
    load::Request,
    seed::{self, Size},
};

/// Workshops where only those register who are measured.
#[derive(Clone)]
pub(crate) struct Stage {
    pub(crate) first: u32,
    pub(crate) count: u32,
    /// The number of the first one's first track. Each has two, numbered one after the other.
    pub(crate) track: i32,
    guests: u32,
    center: u32,
}

const REGISTER: &str = "mutation Register($workshop: ID!, $input: RegisterGuestInput!) { \
    registerGuest(workshopId: $workshop, input: $input) { \
    __typename ... on Registration { id status registeredAt } ... on Problem { code message } } }";

impl Stage {
    /// Enters the workshops, one after the other so that their tracks are.
    pub(crate) async fn set(store: &Store, size: Size, first: u32, count: u32, seats: Option<u32>) -> Self {
        let mut tracks: Vec<TrackId> = Vec::new();
        for number in first..first + count {
            tracks.extend(store.add_workshop(seed::rush_workshop(number, size, seats)).await.expect("a workshop"));
        }
        let numbers: Vec<_> = tracks.iter().map(|track| track.number()).collect();
        assert!(numbers.windows(2).all(|pair| pair[0] + 1 == pair[1]), "tracks are numbered one after the other");
        assert!(size.guests.is_multiple_of(count), "as many guests for each of {count} workshops");
        Self { first, count, track: numbers[0], guests: size.guests, center: size.centers() }
    }

    /// The numbers of a guest and of a workshop, and the track. Neighbours have neither the guest nor the workshop in
    /// common, if there are several.
    pub(crate) fn pair(&self, pair: u32) -> (u32, u32, i32) {
        let workshop = (pair + pair / self.guests) % self.count;
        let track = (2 * workshop + pair / self.count % 2).cast_signed();
        (pair % self.guests, self.first + workshop, self.track + track)
    }

    /// What a pair asks for.
    pub(crate) fn request(&self, pair: u32, waitlist: bool, key: &str) -> Request {
        let (guest, workshop, track) = self.pair(pair);
        let input = json!({
            "trackId": track, "guestId": seed::guest(guest).to_string(), "centerId": seed::center(self.center).to_string(),
            "waitlist": waitlist,
        });
        let variables = json!({ "workshop": seed::workshop(workshop).to_string(), "input": input });
        Request::Post("/graphql".to_owned(), json!({ "query": REGISTER, "variables": variables }), key.to_owned())
    }

    /// The same pair as pgbench makes it: its variables, out of `pair`.
    pub(crate) fn variables(&self) -> String {
        let Self { first, count, track, guests, .. } = self;
        format!(
            "\\set guest :pair % {guests}\n\\set workshop {first} + (:pair + :pair / {guests}) % {count}\n\
             \\set track {track} + 2 * (:workshop - {first}) + :pair / {count} % 2\n"
        )
    }
}
