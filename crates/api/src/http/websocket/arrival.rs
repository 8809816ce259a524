use std::{sync::Arc, time::Duration};

use axum::extract::ws::Message;
use tokio::time::Instant;

use crate::http::{
    connections::{Connection, transfer_time},
    limits::Limits,
};

/// The bytes of a frame of a client beside its payload, if the payload is short: two for the header, four for the mask.
const CONTROL_FRAME_OVERHEAD: u64 = 6;

/// Observes how long a message takes to arrive. A client can send a message in many parts, with answers to pings between
/// them. The WebSocket library shows the message only when it is complete, so the bytes of the connection are counted.
pub(super) struct Arrival {
    /// `None`: a WebSocket without a connection, in a test.
    connection: Option<Arc<Connection>>,
    timeout: Duration,
    min_rate: u32,
    /// The bytes of the connection that belong to complete messages.
    complete: u64,
    /// When the first bytes of an incomplete message were noticed.
    since: Option<Instant>,
    /// The bytes of the connection when it was last checked.
    checked: u64,
}

impl Arrival {
    pub(super) fn new(connection: Option<Arc<Connection>>, limits: &Limits) -> Self {
        let complete = connection.as_ref().map_or(0, |connection| connection.bytes_read());
        let (timeout, min_rate) = (limits.request_body_timeout, limits.min_transfer_rate);
        Self { connection, timeout, min_rate, complete, since: None, checked: complete }
    }

    /// Records a complete message.
    pub(super) fn received(&mut self, message: &Message) {
        match message {
            Message::Ping(payload) | Message::Pong(payload) => {
                let complete = self.complete + CONTROL_FRAME_OVERHEAD + payload.len() as u64;
                self.complete = complete.min(self.bytes_read());
            }
            _ => {
                // The next message can have begun in the same bytes. It is noticed when more of it arrives.
                self.complete = self.bytes_read();
                self.since = None;
            }
        }
    }

    /// Whether an incomplete message takes too long.
    pub(super) fn is_overdue(&mut self) -> bool {
        let incomplete = self.bytes_read().saturating_sub(self.complete);
        if incomplete == 0 {
            self.since = None;
            return false;
        }
        let since = *self.since.get_or_insert_with(Instant::now);
        let allowed = transfer_time(usize::try_from(incomplete).unwrap_or(usize::MAX), self.min_rate);
        since.elapsed() > self.timeout + allowed
    }

    /// Whether bytes have arrived since the last call. A client cannot answer a ping in the middle of a frame.
    pub(super) fn has_progressed(&mut self) -> bool {
        let bytes_read = self.bytes_read();
        std::mem::replace(&mut self.checked, bytes_read) < bytes_read
    }

    fn bytes_read(&self) -> u64 {
        self.connection.as_ref().map_or(0, |connection| connection.bytes_read())
    }
}
