//! Servers: the one of a story, and others on the same database.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use api::{App, Authentication, IngressPolicy, Limits, MonotonicClock, Peer, Playground, RateLimits, TimeoutListener};
use domain::{Actor, access::Access};
use persistence::{Clock, Options};
use tokio::net::TcpListener;

use crate::{Client, Database, TestApp, Time, now};

/// The limits of a server where nobody counts what a caller asks for: a story may do in a second what takes a day.
fn unhurried() -> Limits {
    Limits { rate: RateLimits { per_minute: 0, ..RateLimits::default() }, ..Limits::default() }
}

/// Who is let in, and how.
struct Gate {
    authentication: Authentication,
    edge: IngressPolicy,
    ticks: MonotonicClock,
}

impl Default for Gate {
    fn default() -> Self {
        let authentication = Access::unlimited(Actor::Anonymous).into();
        Self { authentication, edge: IngressPolicy::default(), ticks: MonotonicClock::system() }
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
    pub async fn another_behind(&self, edge: IngressPolicy) -> Self {
        self.another_at(unhurried(), Gate { edge, ..Gate::default() }).await
    }

    /// Another server on the same database that finds out otherwise who is calling.
    pub async fn another_asking(&self, authentication: impl Into<Authentication>, limits: Limits) -> Self {
        self.another_at(limits, Gate { authentication: authentication.into(), ..Gate::default() }).await
    }

    /// The same, where what callers get back with time comes by the clock of the story.
    pub async fn another_by_the_clock(&self, limits: Limits) -> Self {
        let time = self.time.clone();
        let ticks = MonotonicClock::from_fn(move || (time.show() - now()).to_std().unwrap());
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
            observer: Some(Arc::new(move |ran| heard.lock().unwrap().push(ran.text.to_owned()))),
            ..options
        };
        let store = Arc::new(database.open(options).await);
        let (app, stop) = App::with_clock(store.clone(), authentication, Playground::bare(), limits, ticks);
        let metrics = app.metrics();
        let client = Client::of(app.with_ingress(edge).router());
        Self {
            database,
            store,
            client,
            time,
            metrics,
            statements,
            guests: Mutex::default(),
            stop,
            others: Mutex::default(),
            limits,
        }
    }

    /// Serves on a real socket of this machine, for as long as the test runs; answers with the address.
    pub async fn listen(&self) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let listener = TimeoutListener::new(listener, &self.limits);
        let router = self.client.router().into_make_service_with_connect_info::<Peer>();
        tokio::spawn(axum::serve(listener, router).into_future());
        address
    }
}
