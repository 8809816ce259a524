//! The limits of requests and clients.

use std::time::Duration;

use crate::{DocumentLimits, RateLimits, ResponseLimits};

/// The limits of requests and clients.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// The limits of a document.
    pub documents: DocumentLimits,
    /// The limits of a response.
    pub response: ResponseLimits,
    /// The maximum bytes of a request body and of a WebSocket message. An import of 1,000 guests fits into the default.
    pub body: usize,
    /// The time after which a query or a mutation fails with TIMEOUT.
    pub operation_timeout: Duration,
    /// The cost budget of each caller.
    pub rate: RateLimits,
    /// The number of the operator's proxies in front of the server that append to `X-Forwarded-For`.
    pub trusted_proxies: usize,
    /// The time within which the headers of a request must arrive.
    pub request_header_timeout: Duration,
    /// The time within which the body of a request must arrive, beside the time that the minimum rate allows.
    pub request_body_timeout: Duration,
    /// The time after which a connection without a request is closed.
    pub keep_alive_timeout: Duration,
    /// The bytes per second that a client must send of a slow body, and accept of a response.
    pub min_transfer_rate: u32,
    /// The maximum connections of all clients with a request or a WebSocket in progress. Any further request fails with
    /// OVERLOADED.
    pub max_connections: usize,
    /// The maximum open connections of one address.
    pub connections_per_address: usize,
    /// The maximum queries, mutations and starting subscriptions of all clients. Any further one fails with OVERLOADED.
    pub max_in_flight: usize,
    /// The same for one caller. Any further one fails with RATE_LIMITED.
    pub in_flight_per_caller: usize,
    /// The maximum running queries of all clients. Any further one waits for its turn. Expensive queries have turns of their own,
    /// half as many, and take several of them.
    pub max_running_queries: usize,
    /// The same for one caller.
    pub running_queries_per_caller: usize,
    /// The maximum running subscriptions of all clients. Any further one fails with OVERLOADED.
    pub max_subscriptions: usize,
    /// The same for one caller. Any further one fails with RATE_LIMITED.
    pub subscriptions_per_caller: usize,
    /// The maximum bytes of documents and variables that the running subscriptions of one caller keep. Any further
    /// subscription fails with OVERLOADED.
    pub max_subscription_bytes: usize,
    /// The maximum open WebSockets of all clients. Any further one is rejected during the handshake.
    pub max_websockets: usize,
    /// The same for one caller.
    pub websockets_per_caller: usize,
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

/// The memory for bodies that arrive in several parts and wait to be parsed.
const BODY_MEMORY: usize = 16 * 1024 * 1024;

impl Limits {
    /// The maximum bytes of all bodies in several parts that are arriving or waiting. It has room for some of the largest.
    pub(super) fn body_memory(&self) -> usize {
        BODY_MEMORY.max(self.body.saturating_mul(4))
    }

    /// The same for one caller.
    pub(super) fn body_memory_per_caller(&self) -> usize {
        self.body_memory() / 4
    }

    /// The time after which any connection that accepts no data is closed, beside the time that the minimum rate allows. It
    /// is longer than the timeout of a WebSocket,
    /// which is closed with a reason first.
    pub fn connection_write_timeout(&self) -> Duration {
        self.websocket_write_timeout * 3
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            documents: DocumentLimits::default(),
            response: ResponseLimits::default(),
            body: 256 * 1024,
            operation_timeout: Duration::from_secs(30),
            rate: RateLimits::default(),
            trusted_proxies: 0,
            request_header_timeout: Duration::from_secs(10),
            request_body_timeout: Duration::from_secs(30),
            keep_alive_timeout: Duration::from_secs(75),
            min_transfer_rate: 1_024,
            max_connections: 20_000,
            connections_per_address: 1_000,
            max_in_flight: 5_000,
            in_flight_per_caller: 1_000,
            max_running_queries: 16,
            running_queries_per_caller: 8,
            max_subscriptions: 10_000,
            max_subscription_bytes: 8 * 1024 * 1024,
            subscriptions_per_caller: 2_000,
            max_websockets: 10_000,
            websockets_per_caller: 1_000,
            websocket_operations: 50,
            websocket_init_timeout: Duration::from_secs(10),
            websocket_write_timeout: Duration::from_secs(10),
            websocket_ping_interval: Duration::from_secs(15),
            websocket_idle_timeout: Duration::from_mins(10),
            credential_recheck_interval: Duration::from_secs(15),
        }
    }
}
