use std::{
    net::SocketAddr,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use tokio::time::Instant;

use super::{
    CONNECTIONS,
    open_connections::{Eviction, Slot},
};
use crate::{
    caller_key::CallerKey,
    http::limits::Limits,
    permit_pool::{Permit, PermitPool, PermitRefused},
};

/// The bytes of a head that need no permit. Most heads are shorter.
const SHORT_HEAD: usize = 8 * 1024;

/// An open connection, shared by its stream, its task and its requests.
#[derive(Debug)]
pub(in crate::http) struct Connection {
    pub(super) peer: SocketAddr,
    pub(super) timeouts: Timeouts,
    eviction: Arc<Eviction>,
    state: Mutex<State>,
    bytes_read: AtomicU64,
    /// One permit for each byte of a long head.
    heads: PermitPool,
}

/// The timeouts of a connection.
#[derive(Clone, Copy, Debug)]
pub(super) struct Timeouts {
    header: Duration,
    keep_alive: Duration,
    pub(super) write: Duration,
    /// Bytes per second.
    pub(super) min_rate: u32,
}

#[derive(Debug)]
struct State {
    phase: Phase,
    slot: Slot,
    /// The bytes of the head of a request.
    head_bytes: usize,
    /// Held for a long head until its request ends, because the headers stay in memory.
    head: Option<Permit>,
    /// Held while a request or a WebSocket is in progress.
    permit: Option<Permit>,
    /// Held for the bytes of a large response until the client has accepted them.
    response: Option<Permit>,
}

/// What a connection is doing.
#[derive(Clone, Copy, Debug)]
enum Phase {
    /// The connection is new. The headers of its first request must arrive until then.
    Opened(Instant),
    /// The last response ended then.
    Idle { since: Instant, is_examined: bool },
    /// The first byte of a request has arrived. Its headers must arrive until then.
    Head(Instant),
    /// A request or a WebSocket is in progress.
    Busy,
    /// The response is complete. The client has not accepted all of it yet.
    Flushing,
}

/// What to do with a connection at its deadline.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Due {
    Close(CloseReason),
    /// Close the connection if it has a part of a request, which can have arrived together with the last one.
    Examine,
}

/// Why the server closed a connection.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum CloseReason {
    /// The headers of a request did not arrive in time.
    HeaderTimeout,
    /// No request arrived in time.
    KeepAliveTimeout,
    /// The client accepted no data, or too little.
    WriteTimeout,
    /// Another connection took the place of a waiting one.
    Replaced,
    /// All connections of the address, or of the server, were busy. Or they had too many long heads of requests.
    Rejected,
}

impl CloseReason {
    pub(super) const ALL: [Self; 5] =
        [Self::HeaderTimeout, Self::KeepAliveTimeout, Self::WriteTimeout, Self::Replaced, Self::Rejected];

    /// The label in the metrics.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::HeaderTimeout => "header_timeout",
            Self::KeepAliveTimeout => "keep_alive_timeout",
            Self::WriteTimeout => "write_timeout",
            Self::Replaced => "replaced",
            Self::Rejected => "rejected",
        }
    }
}

impl Connection {
    pub(super) fn new(peer: SocketAddr, slot: Slot, limits: &Limits, heads: PermitPool) -> Self {
        let timeouts = Timeouts {
            header: limits.request_header_timeout,
            keep_alive: limits.keep_alive_timeout,
            write: limits.connection_write_timeout(),
            min_rate: limits.min_transfer_rate,
        };
        let (eviction, phase) = (slot.eviction(), Phase::Opened(Instant::now() + timeouts.header));
        let state = Mutex::new(State { phase, slot, head_bytes: 0, head: None, permit: None, response: None });
        Self { peer, timeouts, eviction, state, bytes_read: AtomicU64::new(0), heads }
    }

    /// Resolves when another connection takes the place of this one.
    pub(super) async fn evicted(&self) {
        self.eviction.evicted().await;
    }

    /// What to do with the connection, and when, unless something happens before.
    pub(super) fn deadline(&self) -> Option<(Instant, Due)> {
        let Timeouts { header, keep_alive, .. } = self.timeouts;
        match self.state().phase {
            Phase::Opened(until) => Some((until, Due::Close(CloseReason::KeepAliveTimeout))),
            Phase::Idle { since, is_examined: false } if header < keep_alive => Some((since + header, Due::Examine)),
            Phase::Idle { since, .. } => Some((since + keep_alive, Due::Close(CloseReason::KeepAliveTimeout))),
            Phase::Head(until) => Some((until, Due::Close(CloseReason::HeaderTimeout))),
            // The stream has its own timeout of writes.
            Phase::Busy | Phase::Flushing => None,
        }
    }

    /// The number of bytes that have arrived.
    pub(in crate::http) fn bytes_read(&self) -> u64 {
        self.bytes_read.load(Ordering::Relaxed)
    }

    /// Records that bytes have arrived. Fails if they belong to a long head and its address has too many of these.
    pub(super) fn received(&self, bytes: usize) -> Result<(), PermitRefused> {
        self.bytes_read.fetch_add(bytes as u64, Ordering::Relaxed);
        let mut state = self.state();
        match state.phase {
            // The wait for the first byte counts: the first request has one timeout for all.
            Phase::Opened(until) => state.phase = Phase::Head(until),
            Phase::Idle { .. } => state.phase = Phase::Head(Instant::now() + self.timeouts.header),
            Phase::Head(_) => {}
            Phase::Busy | Phase::Flushing => return Ok(()),
        }
        let before = state.head_bytes.max(SHORT_HEAD);
        state.head_bytes += bytes;
        let more = state.head_bytes.saturating_sub(before);
        match &mut state.head {
            _ if more == 0 => {}
            Some(permit) => permit.grow(more)?,
            None => state.head = Some(self.heads.acquire_many(CallerKey::at(Some(self.peer.ip())), more)?),
        }
        Ok(())
    }

    /// Records that the connection has no part of a request.
    pub(super) fn examined(&self) {
        if let Phase::Idle { is_examined, .. } = &mut self.state().phase {
            *is_examined = true;
        }
    }

    /// Gives a new connection only so much time for its first request. Returns false if one has begun before.
    pub(super) fn limit_first_request(&self, timeout: Duration) -> bool {
        let mut state = self.state();
        let Phase::Opened(until) = state.phase else { return false };
        state.phase = Phase::Opened(until.min(Instant::now() + timeout));
        true
    }

    /// Records that the headers of a request have arrived. The response is complete when the result is dropped.
    pub(super) fn begin_request(self: &Arc<Self>) -> RequestGuard {
        self.state().phase = Phase::Busy;
        RequestGuard(Some(self.clone()))
    }

    /// Keeps the connection open while a request is in progress. Fails if another connection has taken the place of this
    /// one.
    pub(super) fn end_wait(&self) -> Result<(), PermitRefused> {
        if self.state().slot.end_wait() { Ok(()) } else { Err(PermitRefused::Exhausted { resource: CONNECTIONS }) }
    }

    /// Keeps a permit until the request or the WebSocket ends. Fails as [`Self::end_wait`] does.
    pub(super) fn hold(&self, permit: Permit) -> Result<(), PermitRefused> {
        self.end_wait()?;
        self.state().permit = Some(permit);
        Ok(())
    }

    /// The caller that holds the permit of the request in progress.
    pub(super) fn caller(&self) -> Option<CallerKey> {
        self.state().permit.as_ref().map(|permit| permit.caller().clone())
    }

    /// Keeps a permit for the bytes of the response until the client has accepted them.
    pub(super) fn hold_response(&self, permit: Permit) {
        self.state().response = Some(permit);
    }

    fn end_response(&self) {
        self.state().phase = Phase::Flushing;
    }

    /// Records that the client has accepted all bytes.
    pub(super) fn flushed(&self) {
        let mut state = self.state();
        if matches!(state.phase, Phase::Flushing) {
            state.phase = Phase::Idle { since: Instant::now(), is_examined: false };
            (state.head_bytes, state.head, state.permit, state.response) = (0, None, None, None);
            state.slot.wait_again();
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A request in progress.
#[derive(Debug)]
pub(super) struct RequestGuard(Option<Arc<Connection>>);

impl RequestGuard {
    /// Lets the request last as long as the connection: it became a WebSocket.
    pub(super) fn upgrade(mut self) {
        self.0 = None;
    }
}

impl Drop for RequestGuard {
    fn drop(&mut self) {
        if let Some(connection) = &self.0 {
            connection.end_response();
        }
    }
}
