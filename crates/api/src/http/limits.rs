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
    pub operation_timeout: Duration,
    /// How much each caller may ask for.
    pub rate: RateLimits,
    /// How many proxies of the operator's own stand in front, each of which says in `X-Forwarded-For` who asked it.
    pub trusted_proxies: usize,
    /// Connections at a time, of all clients together; one more waits until another one ends.
    pub max_connections: usize,
    /// Queries and mutations that are worked on at a time, and subscriptions that begin, of all clients together; one more is
    /// refused as overload.
    pub max_in_flight: usize,
    /// Subscriptions at a time, of all clients together; one more is refused as overload.
    pub max_subscriptions: usize,
    /// WebSockets at a time, of all clients together; one more is refused before it is opened.
    pub max_websockets: usize,
    /// Operations of one WebSocket at a time.
    pub websocket_operations: usize,
    /// The longest that a WebSocket may take to ask for the connection to be acknowledged.
    pub websocket_init_timeout: Duration,
    /// The longest that a WebSocket may not take what is sent to it. Thrice as long, and any connection is given up.
    pub websocket_write_timeout: Duration,
    /// How often a silent connection is asked whether it is still there.
    pub websocket_ping_interval: Duration,
    /// The longest that a WebSocket may stay open without a running operation.
    pub websocket_idle_timeout: Duration,
    /// How often it is looked for whether who is connected is still let in. A key or token that expires is known of before.
    pub credential_recheck_interval: Duration,
}

impl Limits {
    /// How long a connection of any kind may not take what is sent to it. A WebSocket is told first why it is closed.
    pub fn connection_write_timeout(&self) -> Duration {
        self.websocket_write_timeout * 3
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            documents: DocumentLimits::default(),
            body: 256 * 1024,
            operation_timeout: Duration::from_secs(30),
            rate: RateLimits::default(),
            trusted_proxies: 0,
            max_connections: 20_000,
            max_in_flight: 5_000,
            max_subscriptions: 10_000,
            max_websockets: 10_000,
            websocket_operations: 50,
            websocket_init_timeout: Duration::from_secs(10),
            websocket_write_timeout: Duration::from_secs(10),
            websocket_ping_interval: Duration::from_secs(15),
            websocket_idle_timeout: Duration::from_mins(10),
            credential_recheck_interval: Duration::from_secs(15),
        }
    }
}
