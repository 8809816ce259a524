use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use api::{App, Authentication, Edge, FairUseLimits, Limits, PatientListener, Peer, Playground, Stop, Ticks};
use axum::{body::Body, http::Request};
use domain::{
    Actor, ApiKeyForm, ApiKeyId, CenterId, ExternalId, GrantForm, GuestId, Timestamp, access::Access,
    commands::create_api_key::CreateApiKey,
};
use persistence::{Clock, NewCenter, NewGuest, Options, Store, View};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use uuid::Uuid;

use crate::{Answer, ApiKey, Backend, Client, Database, Events, Time, Workshop, given::WorkshopToBe, now};

/// A server without a socket, over a database of its own.
pub struct TestApp {
    pub database: Arc<Database>,
    pub store: Arc<Store>,
    client: Client,
    pub time: Time,
    statements: Arc<Mutex<Vec<String>>>,
    guests: Mutex<HashMap<String, String>>,
    pub stop: Stop,
    others: Mutex<Vec<Stop>>,
    limits: Limits,
}

/// The selection of every `registerGuest` that a story does not write out.
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

/// The limits of a server where nobody counts what a caller asks for: a story may do in a second what takes a day.
fn unhurried() -> Limits {
    Limits { fair_use: FairUseLimits { per_minute: 0, ..FairUseLimits::default() }, ..Limits::default() }
}

/// Who is let in, and how.
struct Gate {
    authentication: Authentication,
    edge: Edge,
    ticks: Ticks,
}

impl Default for Gate {
    fn default() -> Self {
        let authentication = Access::unlimited(Actor::Anonymous).into();
        Self { authentication, edge: Edge::default(), ticks: Ticks::system() }
    }
}

impl TestApp {
    pub async fn over_database(database: Database) -> Self {
        Self::over(Arc::new(database), Time::default(), Options::default(), unhurried(), Gate::default()).await
    }

    /// Another server on the same database, by the same clock.
    pub async fn another(&self) -> Self {
        self.another_with(Options::default()).await
    }

    /// The same, opened otherwise.
    pub async fn another_with(&self, options: Options) -> Self {
        Self::over(self.database.clone(), self.time.clone(), options, unhurried(), Gate::default()).await
    }

    /// The same, with limits for its clients.
    pub async fn another_limited(&self, limits: Limits) -> Self {
        self.another_at(limits, Gate::default()).await
    }

    /// The same, behind an edge of its own.
    pub async fn another_behind(&self, edge: Edge) -> Self {
        self.another_at(unhurried(), Gate { edge, ..Gate::default() }).await
    }

    /// Another server on the same database that finds out otherwise who is calling.
    pub async fn another_asking(&self, authentication: impl Into<Authentication>, limits: Limits) -> Self {
        self.another_at(limits, Gate { authentication: authentication.into(), ..Gate::default() }).await
    }

    /// The same, where what callers get back with time comes by the clock of the story.
    pub async fn another_by_the_clock(&self, limits: Limits) -> Self {
        let time = self.time.clone();
        let ticks = Ticks::from_fn(move || (time.show() - now()).to_std().unwrap());
        self.another_at(limits, Gate { ticks, ..Gate::default() }).await
    }

    async fn another_at(&self, limits: Limits, gate: Gate) -> Self {
        Self::over(self.database.clone(), self.time.clone(), Options::default(), limits, gate).await
    }

    async fn over(database: Arc<Database>, time: Time, options: Options, limits: Limits, gate: Gate) -> Self {
        let Gate { authentication, edge, ticks } = gate;
        let statements = Arc::new(Mutex::new(Vec::new()));
        let (read, heard) = (time.clone(), statements.clone());
        let options = Options {
            clock: Clock::from_fn(move || read.show()),
            observer: Some(Arc::new(move |statement| heard.lock().unwrap().push(statement.to_owned()))),
            ..options
        };
        let store = Arc::new(database.open(options).await);
        let (app, stop) = App::timed(store.clone(), authentication, Playground::bare(), limits, ticks);
        let client = Client::of(app.behind(edge).router());
        Self {
            database,
            store,
            client,
            time,
            statements,
            guests: Mutex::default(),
            stop,
            others: Mutex::default(),
            limits,
        }
    }

    pub fn backend(&self) -> Backend {
        self.database.backend
    }

    /// The database as somebody sees it who sees everything.
    pub fn view(&self) -> View {
        self.store.view(Access::unlimited(Actor::System).authority())
    }

    /// Somebody with this access who calls the server.
    pub fn called_with(&self, access: Access) -> Client {
        let (app, stop) = App::limited(self.store.clone(), access, Playground::bare(), self.limits);
        // With it gone the app would be about to stop.
        self.others.lock().unwrap().push(stop);
        Client::of(app.router())
    }

    /// A guest who calls the server on their own behalf.
    pub async fn called_by(&self, guest: &str) -> Client {
        self.called_with(Access::guest(self.guest(guest).await.parse().unwrap()))
    }

    /// A new key that allows this.
    pub async fn key(&self, grant: GrantForm) -> ApiKey {
        self.key_until(grant, None).await
    }

    /// The same, which expires.
    pub async fn key_until(&self, grant: GrantForm, expires_at: Option<Timestamp>) -> ApiKey {
        let form = ApiKeyForm { name: "A key".to_owned(), grant, expires_at };
        let command = CreateApiKey::parse(form, ApiKeyId::from_uuid(Uuid::now_v7()), self.time.show()).unwrap();
        let permit = Access::unlimited(Actor::System).permit().unwrap();
        let made = self.store.create_api_key(command, &permit).await.unwrap().unwrap();
        ApiKey { id: made.row.api_key_id().to_string(), prefix: made.row.prefix, text: made.text.reveal() }
    }

    /// Whoever holds this key.
    pub fn holder(&self, key: &ApiKey) -> Client {
        self.client.with_authorization(&key.authorization())
    }

    /// Whoever calls the server, to be taken to another task.
    pub fn client(&self) -> Client {
        self.client.clone()
    }

    /// Serves on a real socket of this machine, for as long as the test runs; answers with the address.
    pub async fn listen(&self) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let listener = PatientListener::new(listener, self.limits.last_patience());
        let router = self.client.router().into_make_service_with_connect_info::<Peer>();
        tokio::spawn(axum::serve(listener, router).into_future());
        address
    }

    /// Turns the clock.
    pub fn set_time(&self, time: Timestamp) {
        self.time.turn(time);
    }

    /// How many statements were run while `work` was.
    pub async fn statements<T>(&self, work: impl Future<Output = T>) -> (usize, T) {
        let (statements, result) = self.texts_of_statements(work).await;
        (statements.len(), result)
    }

    /// The statements that were run while `work` was, without their values.
    pub async fn texts_of_statements<T>(&self, work: impl Future<Output = T>) -> (Vec<String>, T) {
        self.statements.lock().unwrap().clear();
        let result = work.await;
        (std::mem::take(&mut *self.statements.lock().unwrap()), result)
    }

    /// A center.
    pub async fn center(&self, name: &str) -> CenterId {
        self.center_in(name, "Europe/Berlin").await
    }

    /// A center whose clocks are those of a time zone.
    pub async fn center_in(&self, name: &str, time_zone: &str) -> CenterId {
        let id = CenterId::from_uuid(Uuid::now_v7());
        let center = NewCenter { id, name: name.to_owned(), time_zone: time_zone.to_owned() };
        self.store.add_centers(vec![center]).await.unwrap();
        id
    }

    /// Enters a workshop at a center of its own.
    pub async fn given(&self, workshop: WorkshopToBe) -> Workshop {
        let center = self.center("A center").await;
        self.given_at(center, workshop).await
    }

    /// Enters a workshop at this center.
    pub async fn given_at(&self, center: CenterId, workshop: WorkshopToBe) -> Workshop {
        let new = workshop.at(center);
        let id = new.id;
        let tracks = self.store.add_workshop(new).await.unwrap();
        Workshop::of(id, center, &tracks)
    }

    /// The id of the guest with this name, who is entered when first heard of.
    pub async fn guest(&self, name: &str) -> String {
        if let Some(id) = self.guests.lock().unwrap().get(name) {
            return id.clone();
        }
        let id = self.guests(&[name]).await.remove(0);
        self.guests.lock().unwrap().insert(name.to_owned(), id.clone());
        id
    }

    /// Enters guests.
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

    /// Asks for a seat.
    pub async fn register(&self, workshop: &Workshop, guest: &str) -> Answer {
        self.register_with(workshop, &self.input(workshop, guest).await).await
    }

    /// Asks for a place in line.
    pub async fn waitlist(&self, workshop: &Workshop, guest: &str) -> Answer {
        let mut input = self.input(workshop, guest).await;
        input["waitlist"] = true.into();
        self.register_with(workshop, &input).await
    }

    /// Runs a mutation on a registration; `more` are further arguments.
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

    /// Gives up a registration.
    pub async fn cancel(&self, registration: &Value) -> Answer {
        self.on(registration, "cancelRegistration", "").await
    }

    pub async fn register_with(&self, workshop: &Workshop, input: &Value) -> Answer {
        self.graphql(REGISTER, &json!({ "workshopId": workshop.id, "input": input })).await
    }

    /// Runs a query and answers with its only root field.
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

    /// Asks for events.
    pub async fn events(&self, request: Request<Body>) -> Events {
        self.client.events(request).await
    }

    /// Subscribes, and answers with the events.
    pub async fn subscribe(&self, query: &str, variables: &Value) -> Events {
        self.client.subscribe(query, variables).await
    }

    pub async fn send(&self, request: Request<Body>) -> Answer {
        self.client.send(request).await
    }
}
