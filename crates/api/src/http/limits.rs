use std::time::Duration;

use crate::{DocumentLimits, RateLimits};

/// How much the clients of a server may ask of it.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// How much a document may ask for.
    pub documents: DocumentLimits,
    /// Bytes of a request's body, and of a message on a WebSocket: an import of a thousand guests fits.
    pub body: usize,
    /// The longest that a query or a mutation may take.
    pub timeout: Duration,
    /// How much each caller may ask for.
    pub fair_use: RateLimits,
    /// How many proxies of the operator's own stand in front, each of which says in `X-Forwarded-For` who asked it.
    pub trusted_proxies: usize,
    /// Connections at a time, of all clients together; one more waits until another one ends.
    pub clients: usize,
    /// Queries and mutations that are worked on at a time, and subscriptions that begin, of all clients together; one more is
    /// refused as overload.
    pub in_flight: usize,
    /// Subscriptions at a time, of all clients together; one more is refused as overload.
    pub subscriptions: usize,
    /// WebSockets at a time, of all clients together; one more is refused before it is opened.
    pub sockets: usize,
    /// Operations of one WebSocket at a time.
    pub operations: usize,
    /// The longest that a WebSocket may take to ask for the connection to be acknowledged.
    pub init: Duration,
    /// The longest that a WebSocket may not take what is sent to it. Thrice as long, and any connection is given up.
    pub patience: Duration,
    /// How often a silent connection is asked whether it is still there.
    pub ping: Duration,
    /// The longest that a WebSocket may stay open without a running operation.
    pub idle: Duration,
    /// How often it is looked for whether who is connected is still let in. A key or token that expires is known of before.
    pub recheck: Duration,
}

impl Limits {
    /// How long a connection of any kind may not take what is sent to it. A WebSocket is told first why it is closed.
    pub fn last_patience(&self) -> Duration {
        self.patience * 3
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            documents: DocumentLimits::default(),
            body: 256 * 1024,
            timeout: Duration::from_secs(30),
            fair_use: RateLimits::default(),
            trusted_proxies: 0,
            clients: 20_000,
            in_flight: 5_000,
            subscriptions: 10_000,
            sockets: 10_000,
            operations: 50,
            init: Duration::from_secs(10),
            patience: Duration::from_secs(10),
            ping: Duration::from_secs(15),
            idle: Duration::from_mins(10),
            recheck: Duration::from_secs(15),
        }
    }
}
