//! The server of a test, and further servers on the same database.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use api::{App, Authentication, IngressPolicy, Limits, MonotonicClock, Playground, RateLimits};
use domain::{Actor, access::Access};
use persistence::{Clock, Options};
use tokio::net::TcpListener;

use crate::{Client, Database, TestApp, TestClock, now};

/// Limits without a rate limit: a test can send in a second what takes a day.
fn without_rate_limit() -> Limits {
    Limits { rate: RateLimits { per_minute: 0, ..RateLimits::default() }, ..Limits::default() }
}

/// How a server authenticates and admits clients.
struct Ingress {
    authentication: Authentication,
    policy: IngressPolicy,
    ticks: MonotonicClock,
}

impl Default for Ingress {
    fn default() -> Self {
        let authentication = Access::unlimited(Actor::Anonymous).into();
        Self { authentication, policy: IngressPolicy::default(), ticks: MonotonicClock::system() }
    }
}

impl TestApp {
    pub async fn over_database(database: Database) -> Self {
        Self::over(
            Arc::new(database),
            TestClock::default(),
            Options::default(),
            without_rate_limit(),
            Ingress::default(),
        )
        .await
    }

    /// Starts another server on the same database, with the same clock.
    pub async fn another(&self) -> Self {
        self.another_with_options(Options::default()).await
    }

    /// Starts another server whose store has these options.
    pub async fn another_with_options(&self, options: Options) -> Self {
        Self::over(self.database.clone(), self.clock.clone(), options, without_rate_limit(), Ingress::default()).await
    }

    /// Starts another server with these limits.
    pub async fn another_with_limits(&self, limits: Limits) -> Self {
        self.another_at(limits, Ingress::default()).await
    }

    /// Starts another server with this ingress policy.
    pub async fn another_with_ingress(&self, policy: IngressPolicy) -> Self {
        self.another_at(without_rate_limit(), Ingress { policy, ..Ingress::default() }).await
    }

    /// Starts another server with this authentication.
    pub async fn another_with_authentication(&self, authentication: impl Into<Authentication>, limits: Limits) -> Self {
        self.another_at(limits, Ingress { authentication: authentication.into(), ..Ingress::default() }).await
    }

    /// Starts another server whose rate limits refill by the test's clock.
    pub async fn another_with_clock_ticks(&self, limits: Limits) -> Self {
        let clock = self.clock.clone();
        let ticks = MonotonicClock::from_fn(move || (clock.now() - now()).to_std().unwrap());
        self.another_at(limits, Ingress { ticks, ..Ingress::default() }).await
    }

    async fn another_at(&self, limits: Limits, ingress: Ingress) -> Self {
        Self::over(self.database.clone(), self.clock.clone(), Options::default(), limits, ingress).await
    }

    async fn over(
        database: Arc<Database>,
        clock: TestClock,
        options: Options,
        limits: Limits,
        ingress: Ingress,
    ) -> Self {
        let Ingress { authentication, policy, ticks } = ingress;
        let statements = Arc::new(Mutex::new(Vec::new()));
        let (now, observed) = (clock.clone(), statements.clone());
        let options = Options {
            clock: Clock::from_fn(move || now.now()),
            observer: Some(Arc::new(move |ran| observed.lock().unwrap().push(ran.text.to_owned()))),
            ..options
        };
        let store = Arc::new(database.open(options).await);
        let (app, stop) = App::with_clock(store.clone(), authentication, Playground::bare(), limits, ticks);
        let (metrics, connections) = (app.metrics(), app.connections());
        let client = Client::of(app.with_ingress(policy).router());
        Self {
            database,
            store,
            client,
            clock,
            metrics,
            connections,
            statements,
            guests: Mutex::default(),
            stop,
            other_stops: Mutex::default(),
            limits,
        }
    }

    /// Serves on a real socket of this machine until the test ends. Returns the address.
    pub async fn listen(&self) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(self.connections.clone().serve(listener, self.client.router(), std::future::pending()));
        address
    }
}
