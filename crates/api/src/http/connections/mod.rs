//! The connections of clients: their number, their timeouts, and the HTTP/1.1 that runs on them.
//!
//! - `serve`: accepts connections and drives each one.
//! - `connection`: what a connection is doing, and until when.
//! - `open_connections`: all open connections, and the choice of the one that a new one replaces.
//! - `admission`: the permit of a request.
//! - `stream`: the bytes of a connection, with a timeout of writes.
//!
//! axum's own `serve` has no timeouts and no limit. It cannot close one connection in favor of another.

mod admission;
mod connection;
mod open_connections;
mod serve;
mod stream;

use std::{net::SocketAddr, sync::Arc, time::Duration};

use persistence::Labels;
use prometheus_client::{
    metrics::{counter::Counter, family::Family, gauge::Gauge},
    registry::Registry,
};

use super::limits::Limits;
use crate::{caller_key::network, permit_pool::PermitPool};
pub(super) use admission::admit;
use connection::CloseReason;
pub(super) use connection::Connection;
use open_connections::OpenConnections;

/// The connections that can be open beyond the limit. New connections and probes find a place there while all others are
/// busy.
const RESERVED: usize = 64;

/// The bytes of all long responses that clients have not accepted yet, or four times the limit of a response if that is
/// more. One caller can have half of them.
const RESPONSE_MEMORY: usize = 32 * 1024 * 1024;

/// The bytes of all long heads of requests. One address can have a quarter of them.
const HEAD_MEMORY: usize = 16 * 1024 * 1024;

/// What a permit of a request allows to have.
const CONNECTIONS: &str = "busy connections";

/// The connections of a listener, and their limits.
#[derive(Clone, Debug)]
pub struct Connections(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    open: Arc<OpenConnections>,
    /// One permit for each connection with a request or a WebSocket in progress.
    busy: PermitPool,
    /// One permit for each byte of a long response that its client has not accepted yet.
    responses: PermitPool,
    /// One permit for each byte of a long head of a request.
    heads: PermitPool,
    limits: Limits,
    gauge: Gauge,
    closed: Family<Labels<1>, Counter>,
}

impl Connections {
    /// Connections with these limits.
    #[must_use]
    pub fn new(limits: &Limits) -> Self {
        // The address of a connection behind a proxy is that of the proxy, which has many clients.
        let (per_address, heads_per_address) = match limits.trusted_proxies {
            0 => (limits.connections_per_address, HEAD_MEMORY / 4),
            _ => (usize::MAX, HEAD_MEMORY),
        };
        let response_memory = RESPONSE_MEMORY.max(limits.response.bytes.saturating_mul(4));
        Self(Arc::new(Inner {
            open: Arc::new(OpenConnections::new(limits.max_connections.saturating_add(RESERVED), per_address)),
            busy: PermitPool::new(CONNECTIONS, limits.max_connections, limits.connections_per_address),
            responses: PermitPool::new("bytes of responses", response_memory, response_memory / 2),
            heads: PermitPool::new("bytes of request heads", HEAD_MEMORY, heads_per_address),
            limits: *limits,
            gauge: Gauge::default(),
            closed: Family::default(),
        }))
    }

    /// Connections that share nothing with those of clients.
    pub(crate) fn dedicated(limits: &Limits) -> Self {
        Self::new(&Limits { max_connections: RESERVED, connections_per_address: RESERVED, ..*limits })
    }

    /// Registers a connection. `None`: the server cannot accept it.
    fn open(&self, peer: SocketAddr) -> Option<Arc<Connection>> {
        match self.0.open.open(network(peer.ip())) {
            Some(slot) => Some(Arc::new(Connection::new(peer, slot, &self.0.limits, self.0.heads.clone()))),
            None => {
                self.count_closed(CloseReason::Rejected);
                None
            }
        }
    }

    /// Counts a connection that the server closed for this reason.
    fn count_closed(&self, reason: CloseReason) {
        self.0.closed.get_or_create(&[("reason", reason.name())]).inc();
    }

    /// Registers the metrics.
    pub(crate) fn register(&self, registry: &mut Registry) {
        registry.register("connections", "Open connections", self.0.gauge.clone());
        self.0.busy.register(registry, "busy_connections", "Connections with a request or a WebSocket in progress");
        let help = "Connections that the server closed, by reason";
        registry.register("connections_closed", help, self.0.closed.clone());
        // Counters start at 0, so that the first close is an increase.
        for reason in CloseReason::ALL {
            let _ = self.0.closed.get_or_create(&[("reason", reason.name())]);
        }
    }

    /// Sets the gauges to the current values.
    pub(crate) fn update_metrics(&self) {
        self.0.gauge.set(i64::try_from(self.0.open.count()).unwrap_or(i64::MAX));
        self.0.busy.update();
    }
}

/// The time in which this many bytes pass at this rate per second.
pub(super) fn transfer_time(bytes: usize, rate: u32) -> Duration {
    Duration::from_secs(bytes as u64) / rate
}
