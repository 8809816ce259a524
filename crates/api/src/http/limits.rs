use std::time::Duration;

/// How much the clients of a server may ask of it.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Subscriptions at a time, of all clients together; one more is refused as overload.
    pub subscriptions: usize,
    /// The longest that a WebSocket may not take what is sent to it. Thrice as long, and any connection is given up.
    pub patience: Duration,
    /// How often a silent connection is asked whether it is still there.
    pub ping: Duration,
    /// WebSockets at a time, of all clients together; one more is refused before it is opened.
    pub sockets: usize,
    /// The longest that a WebSocket may stay open before it asks to be acknowledged.
    pub hello: Duration,
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
            subscriptions: 10_000,
            patience: Duration::from_secs(10),
            ping: Duration::from_secs(15),
            sockets: 10_000,
            hello: Duration::from_secs(10),
            idle: Duration::from_mins(10),
            recheck: Duration::from_secs(15),
        }
    }
}
