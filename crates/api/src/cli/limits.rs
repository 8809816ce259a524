use std::time::Duration;

use clap::Args;

use crate::Limits;

/// A limit as it stands on the command line: a number, or whole seconds.
trait Setting {
    fn set(number: u64) -> Self;
    fn number(self) -> u64;
}

impl Setting for usize {
    fn set(number: u64) -> Self {
        Self::try_from(number).unwrap_or(Self::MAX)
    }

    fn number(self) -> u64 {
        self as u64
    }
}

impl Setting for u32 {
    fn set(number: u64) -> Self {
        Self::try_from(number).unwrap_or(Self::MAX)
    }

    fn number(self) -> u64 {
        self.into()
    }
}

impl Setting for Duration {
    fn set(number: u64) -> Self {
        Self::from_secs(number)
    }

    fn number(self) -> u64 {
        self.as_secs()
    }
}

/// Makes the arguments. Each has the default of the limit that it sets.
macro_rules! limit_arguments {
    ($($(#[$about:meta])* $argument:ident, $variable:literal => $($limit:ident).+ in $range:expr;)+) => {
        /// How much clients may ask for.
        #[derive(Args, Debug)]
        #[command(next_help_heading = "Limits")]
        pub(super) struct LimitArguments {
            $(
                $(#[$about])*
                #[arg(long, env = $variable, value_name = "NUMBER", value_parser = clap::value_parser!(u64).range($range),
                    default_value_t = Limits::default().$($limit).+.number())]
                $argument: u64,
            )+
        }

        impl LimitArguments {
            pub(super) fn limits(&self) -> Limits {
                let mut limits = Limits::default();
                $(limits.$($limit).+ = Setting::set(self.$argument);)+
                limits
            }
        }
    };
}

limit_arguments! {
    /// The most bytes of a request's body, and of a message on a WebSocket.
    body_bytes, "ATELIER_BODY_BYTES" => body in 1_024..=67_108_864;
    /// The most bytes of a document.
    document_bytes, "ATELIER_DOCUMENT_BYTES" => documents.bytes in 1_024..=1_048_576;
    /// The most tokens of a document: names, numbers, strings and signs.
    document_tokens, "ATELIER_DOCUMENT_TOKENS" => documents.tokens in 100..=100_000;
    /// The deepest that the brackets of a document may nest, and its selections through fragments.
    document_nesting, "ATELIER_DOCUMENT_NESTING" => documents.nesting in 16..=64;
    /// The most fields, fragments and spreads of a document, where a fragment counts as often as it is spread.
    document_selections, "ATELIER_DOCUMENT_SELECTIONS" => documents.selections in 100..=100_000;
    /// The deepest that fields may nest. The introspection query that tools send is up to 15 deep.
    document_depth, "ATELIER_DOCUMENT_DEPTH" => documents.depth in 4..=64;
    /// The most aliases in an operation.
    document_aliases, "ATELIER_DOCUMENT_ALIASES" => documents.aliases in 0..=10_000;
    /// The most fields on the root of an operation.
    document_root_fields, "ATELIER_DOCUMENT_ROOT_FIELDS" => documents.root_fields in 1..=10_000;
    /// The most directives in one place.
    document_directives, "ATELIER_DOCUMENT_DIRECTIVES" => documents.directives in 0..=1_000;
    /// The most values of the schema that a document may list, estimated. Tools ask for some 550,000.
    document_introspection, "ATELIER_DOCUMENT_INTROSPECTION" => documents.introspection in 0..=1_000_000_000;
    /// The most that the operations of a document may cost.
    document_cost, "ATELIER_DOCUMENT_COST" => documents.cost in 100..=10_000_000;
    /// Seconds that a query or a mutation may take.
    operation_timeout, "ATELIER_OPERATION_TIMEOUT" => operation_timeout in 1..=3_600;
    /// What each caller's bucket gets back in a minute, in cost; 0 switches this off. Each server has buckets of its own.
    rate_limit, "ATELIER_RATE_LIMIT" => rate.per_minute in 0..=100_000_000;
    /// What each caller's bucket holds when it is full, in cost.
    rate_burst, "ATELIER_RATE_BURST" => rate.burst in 1..=100_000_000;
    /// How many of your proxies stand in front, each adding to X-Forwarded-For who asked it. 0: the header is ignored.
    trusted_proxies, "ATELIER_TRUSTED_PROXIES" => trusted_proxies in 0..=16;
    /// The most connections at a time, of all clients together; one more waits until another one ends.
    max_connections, "ATELIER_MAX_CONNECTIONS" => max_connections in 1..=1_000_000;
    /// The most operations that are worked on at a time, of all clients together, where a subscription counts until it
    /// stands; one more is answered with OVERLOADED.
    max_in_flight, "ATELIER_MAX_IN_FLIGHT" => max_in_flight in 1..=1_000_000;
    /// The most subscriptions at a time, of all clients together; one more is answered with OVERLOADED.
    max_subscriptions, "ATELIER_MAX_SUBSCRIPTIONS" => max_subscriptions in 0..=1_000_000;
    /// The most WebSockets at a time, of all clients together; one more is answered with OVERLOADED.
    max_websockets, "ATELIER_MAX_WEBSOCKETS" => max_websockets in 0..=1_000_000;
    /// The most operations of one WebSocket at a time.
    websocket_operations, "ATELIER_WEBSOCKET_OPERATIONS" => websocket_operations in 1..=10_000;
    /// Seconds that a WebSocket may take to ask for the connection to be acknowledged.
    websocket_init_timeout, "ATELIER_WEBSOCKET_INIT_TIMEOUT" => websocket_init_timeout in 1..=600;
    /// Seconds that a WebSocket may not take what is sent to it. Any connection is given up after three times as long.
    websocket_write_timeout, "ATELIER_WEBSOCKET_WRITE_TIMEOUT" => websocket_write_timeout in 1..=600;
    /// Seconds after which a silent connection is asked whether it is still there. A WebSocket that does not answer
    /// until the next time is closed.
    websocket_ping_interval, "ATELIER_WEBSOCKET_PING_INTERVAL" => websocket_ping_interval in 1..=600;
    /// Seconds that a WebSocket may stay open on which nothing runs.
    websocket_idle_timeout, "ATELIER_WEBSOCKET_IDLE_TIMEOUT" => websocket_idle_timeout in 1..=86_400;
    /// Seconds after which it is looked whether a key is still good by which somebody is connected.
    credential_recheck_interval, "ATELIER_CREDENTIAL_RECHECK_INTERVAL" => credential_recheck_interval in 1..=3_600;
}
