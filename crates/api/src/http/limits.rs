//! The limits of requests and clients.

use std::time::Duration;

use crate::{DocumentLimits, RateLimits};

/// The limits of requests and clients.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// The limits of a document.
    pub documents: DocumentLimits,
    /// The maximum bytes of a request body and of a WebSocket message. An import of 1,000 guests fits into the default.
    pub body: usize,
    /// The time after which a query or a mutation fails with TIMEOUT.
    pub operation_timeout: Duration,
    /// The cost budget of each caller.
    pub rate: RateLimits,
    /// The number of the operator's proxies in front of the server that append to `X-Forwarded-For`.
    pub trusted_proxies: usize,
    /// The maximum open connections of all clients. Any further one waits until another closes.
    pub max_connections: usize,
    /// The maximum queries, mutations and starting subscriptions of all clients. Any further one fails with OVERLOADED.
    pub max_in_flight: usize,
    /// The maximum running subscriptions of all clients. Any further one fails with OVERLOADED.
    pub max_subscriptions: usize,
    /// The maximum bytes of documents and variables that the running subscriptions of one caller keep. Any further
    /// subscription fails with OVERLOADED.
    pub max_subscription_bytes: usize,
    /// The maximum open WebSockets of all clients. Any further one is rejected during the handshake.
    pub max_websockets: usize,
    /// The maximum running operations of one WebSocket.
    pub websocket_operations: usize,
    /// The time within which a WebSocket client must send `connection_init`.
    pub websocket_init_timeout: Duration,
    /// The time after which a WebSocket that does not accept a message is closed.
    pub websocket_write_timeout: Duration,
    /// The time between the pings on a silent connection.
    pub websocket_ping_interval: Duration,
    /// The time after which a WebSocket without a running operation is closed.
    pub websocket_idle_timeout: Duration,
    /// The time between the checks of the credential of an open connection. Its expiry is checked exactly.
    pub credential_recheck_interval: Duration,
}

impl Limits {
    /// The time after which any connection that accepts no data is closed. It is longer than the timeout of a WebSocket,
    /// which is closed with a reason first.
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
            max_subscription_bytes: 8 * 1024 * 1024,
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
