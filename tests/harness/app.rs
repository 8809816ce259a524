use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use api::{Connections, Limits, Metrics, Shutdown};
use axum::{
    body::Body,
    http::{Method, Request},
};
use domain::{Actor, CenterId, ExternalId, GuestId, Timestamp, access::Access};
use persistence::{NewCenter, NewGuest, Store, View};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{Answer, Backend, Client, Database, Events, TestClock, Workshop, workshop::WorkshopBuilder};

/// A server in process, over its own database.
pub struct TestApp {
    pub database: Arc<Database>,
    pub store: Arc<Store>,
    pub(crate) client: Client,
    pub clock: TestClock,
    pub metrics: Metrics,
    pub(crate) connections: Connections,
    pub(crate) statements: Arc<Mutex<Vec<String>>>,
    pub(crate) guests: Mutex<HashMap<String, String>>,
    pub stop: Shutdown,
    pub(crate) other_stops: Mutex<Vec<Shutdown>>,
    pub(crate) limits: Limits,
}

/// The document of [`TestApp::register_with`].
pub const REGISTER: &str = "mutation ($workshopId: ID!, $input: RegisterGuestInput!) {
    registerGuest(workshopId: $workshopId, input: $input) {
        __typename
        ... on Registration { id status waitlistPosition guest { id } track { trackId } center { id } workshop { id seatsTaken } }
        ... on Problem { code message }
        ... on MissingInput { fields }
        ... on AlreadyRegistered { registration { id status } }
        ... on RegistrationNotOpen { reason opensAt closesAt }
        ... on WaitlistNotOpen { reason opensAt closesAt }
        ... on CapacityExceeded { scope capacity waitlistOpen }
    }
}";

impl TestApp {
    pub fn backend(&self) -> Backend {
        self.database.backend
    }

    /// The limits of the server.
    pub fn limits(&self) -> Limits {
        self.limits
    }

    /// The database with unlimited visibility.
    pub fn view(&self) -> View {
        self.store.view(Access::unlimited(Actor::System).authority())
    }

    /// A client of the server, which can be moved to another task.
    pub fn client(&self) -> Client {
        self.client.clone()
    }

    /// Sets the clock.
    pub fn set_time(&self, time: Timestamp) {
        self.clock.set(time);
    }

    /// Runs `work`. Returns the number of statements that ran meanwhile.
    pub async fn statements<T>(&self, work: impl Future<Output = T>) -> (usize, T) {
        let (statements, result) = self.statement_texts(work).await;
        (statements.len(), result)
    }

    /// Runs `work`. Returns the texts of the statements that ran meanwhile, without their values.
    pub async fn statement_texts<T>(&self, work: impl Future<Output = T>) -> (Vec<String>, T) {
        self.statements.lock().unwrap().clear();
        let result = work.await;
        (std::mem::take(&mut *self.statements.lock().unwrap()), result)
    }

    /// Creates a center.
    pub async fn center(&self, name: &str) -> CenterId {
        self.center_in(name, "Europe/Berlin").await
    }

    /// Creates a center in this time zone.
    pub async fn center_in(&self, name: &str, time_zone: &str) -> CenterId {
        let id = CenterId::from_uuid(Uuid::now_v7());
        let center = NewCenter { id, name: name.to_owned(), time_zone: time_zone.to_owned() };
        self.store.add_centers(vec![center]).await.unwrap();
        id
    }

    /// Creates a workshop at a new center.
    pub async fn given(&self, workshop: WorkshopBuilder) -> Workshop {
        let center = self.center("A center").await;
        self.given_at(center, workshop).await
    }

    /// Creates a workshop at this center.
    pub async fn given_at(&self, center: CenterId, workshop: WorkshopBuilder) -> Workshop {
        let new = workshop.at_center(center);
        let id = new.id;
        let tracks = self.store.add_workshop(new).await.unwrap();
        Workshop::of(id, center, &tracks)
    }

    /// The id of the guest with this name, who is created at the first call.
    pub async fn guest(&self, name: &str) -> String {
        if let Some(id) = self.guests.lock().unwrap().get(name) {
            return id.clone();
        }
        let id = self.guests(&[name]).await.remove(0);
        self.guests.lock().unwrap().insert(name.to_owned(), id.clone());
        id
    }

    /// Creates guests.
    pub async fn guests(&self, names: &[impl AsRef<str>]) -> Vec<String> {
        let new: Vec<_> = names
            .iter()
            .map(|name| NewGuest {
                id: GuestId::from_uuid(Uuid::now_v7()),
                external_id: ExternalId::parse(name.as_ref()).ok(),
                given_name: name.as_ref().to_owned(),
                family_name: "Guest".to_owned(),
                email: None,
                phone: None,
                home_center: None,
            })
            .collect();
        let ids = new.iter().map(|guest| guest.id.to_string()).collect();
        self.store.add_guests(new).await.unwrap();
        ids
    }

    /// The input that registers this guest on the first track.
    pub async fn input(&self, workshop: &Workshop, guest: &str) -> Value {
        json!({ "trackId": workshop.tracks[0], "guestId": self.guest(guest).await, "centerId": workshop.center })
    }

    /// Registers a guest for a seat.
    pub async fn register(&self, workshop: &Workshop, guest: &str) -> Answer {
        self.register_with(workshop, &self.input(workshop, guest).await).await
    }

    /// Adds a guest to the waitlist.
    pub async fn waitlist(&self, workshop: &Workshop, guest: &str) -> Answer {
        let mut input = self.input(workshop, guest).await;
        input["waitlist"] = true.into();
        self.register_with(workshop, &input).await
    }

    /// Runs a mutation on a registration; `more` is the text of further arguments.
    pub async fn on(&self, registration: &Value, mutation: &str, more: &str) -> Answer {
        let success = match mutation {
            "cancelRegistration" => {
                "... on CancelRegistrationSuccess { registration { id status cancelledAt cancelReason }
                    promoted { id status fromWaitlist } workshop { seatsTaken waitlistLength } }"
            }
            "changeTrack" => {
                "... on ChangeTrackSuccess { registration { id status track { trackId } } promoted { id }
                    workshop { seatsTaken waitlistLength tracks { trackId seatsTaken } } }"
            }
            _ => {
                "... on Registration { id status fromWaitlist promotedAt checkedInAt cancelledAt
                    workshop { seatsTaken waitlistLength } }"
            }
        };
        let query = format!(
            "mutation ($id: ID!) {{ {mutation}(registrationId: $id{more}) {{
                __typename {success} ... on Problem {{ code message }} }} }}"
        );
        self.graphql(&query, &json!({ "id": registration["id"] })).await
    }

    /// Cancels a registration.
    pub async fn cancel(&self, registration: &Value) -> Answer {
        self.on(registration, "cancelRegistration", "").await
    }

    pub async fn register_with(&self, workshop: &Workshop, input: &Value) -> Answer {
        self.graphql(REGISTER, &json!({ "workshopId": workshop.id, "input": input })).await
    }

    /// Runs a query. Returns its only root field.
    pub async fn query(&self, query: &str) -> Value {
        self.graphql(query, &Value::Null).await.field().clone()
    }

    pub async fn graphql(&self, query: &str, variables: &Value) -> Answer {
        self.client.graphql(query, variables).await
    }

    /// Posts a body as JSON.
    pub async fn post(&self, body: &str) -> Answer {
        self.client.post(body).await
    }

    /// Sends a request to the REST API, with the body as JSON.
    pub async fn call(&self, method: Method, path: &str, body: Option<&Value>) -> Answer {
        self.client.call(method, path, body).await
    }

    /// Sends a request for an event stream.
    pub async fn events(&self, request: Request<Body>) -> Events {
        self.client.events(request).await
    }

    /// Starts a subscription as an event stream.
    pub async fn subscribe(&self, query: &str, variables: &Value) -> Events {
        self.client.subscribe(query, variables).await
    }

    pub async fn send(&self, request: Request<Body>) -> Answer {
        self.client.send(request).await
    }
}
