//! The flags of the limits: one for each field of [`Limits`].

use std::time::Duration;

use clap::Args;

use crate::Limits;

/// A limit as a number on the command line. A duration is whole seconds.
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

/// Defines the flags. The default of each flag is the default of its limit.
macro_rules! limit_arguments {
    ($($(#[$about:meta])* $argument:ident, $variable:literal => $($limit:ident).+ in $range:expr;)+) => {
        /// The limits of requests and clients.
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
    /// The maximum bytes of a request body and of a WebSocket message.
    body_bytes, "ATELIER_BODY_BYTES" => body in 1_024..=67_108_864;
    /// The maximum bytes of a document.
    document_bytes, "ATELIER_DOCUMENT_BYTES" => documents.bytes in 1_024..=1_048_576;
    /// The maximum tokens of a document: names, numbers, strings and punctuators.
    document_tokens, "ATELIER_DOCUMENT_TOKENS" => documents.tokens in 100..=100_000;
    /// The maximum nesting of brackets in a document, and of selections through fragments.
    document_nesting, "ATELIER_DOCUMENT_NESTING" => documents.nesting in 16..=64;
    /// The maximum fields, fragments and spreads of a document. A fragment counts once for each spread.
    document_selections, "ATELIER_DOCUMENT_SELECTIONS" => documents.selections in 100..=100_000;
    /// The maximum nesting of fields. The introspection queries of common tools nest up to 15 levels.
    document_depth, "ATELIER_DOCUMENT_DEPTH" => documents.depth in 4..=64;
    /// The maximum aliases in an operation.
    document_aliases, "ATELIER_DOCUMENT_ALIASES" => documents.aliases in 0..=10_000;
    /// The maximum root fields of an operation.
    document_root_fields, "ATELIER_DOCUMENT_ROOT_FIELDS" => documents.root_fields in 1..=10_000;
    /// The maximum directives on one field, spread, fragment, variable or operation.
    document_directives, "ATELIER_DOCUMENT_DIRECTIVES" => documents.directives in 0..=1_000;
    /// The maximum number of values in the result of introspection, estimated. Common tools request about 550,000.
    document_introspection, "ATELIER_DOCUMENT_INTROSPECTION" => documents.introspection in 0..=1_000_000_000;
    /// The maximum cost of all operations of a document together.
    document_cost, "ATELIER_DOCUMENT_COST" => documents.cost in 100..=10_000_000;
    /// The maximum objects of a response, and of each event of a subscription. A larger one fails with RESPONSE_TOO_LARGE.
    response_objects, "ATELIER_RESPONSE_OBJECTS" => response.objects in 1_000..=10_000_000;
    /// The maximum bytes of a response, and of each event of a subscription. A larger one fails with RESPONSE_TOO_LARGE.
    response_bytes, "ATELIER_RESPONSE_BYTES" => response.bytes in 65_536..=1_073_741_824;
    /// Seconds after which a query or a mutation fails with TIMEOUT.
    operation_timeout, "ATELIER_OPERATION_TIMEOUT" => operation_timeout in 1..=3_600;
    /// The cost that each caller can spend per minute; 0 turns rate limiting off. Servers do not share these budgets.
    rate_limit, "ATELIER_RATE_LIMIT" => rate.per_minute in 0..=100_000_000;
    /// The cost that each caller can spend at once, after a pause.
    rate_burst, "ATELIER_RATE_BURST" => rate.burst in 1..=100_000_000;
    /// The number of your proxies in front of the server that append to X-Forwarded-For. With 0 the header is ignored.
    trusted_proxies, "ATELIER_TRUSTED_PROXIES" => trusted_proxies in 0..=16;
    /// Seconds within which the headers of a request must arrive.
    request_header_timeout, "ATELIER_REQUEST_HEADER_TIMEOUT" => request_header_timeout in 1..=600;
    /// Seconds within which the body of a request must arrive. A slow body gets one more second for each part of the size
    /// of the minimum transfer rate.
    request_body_timeout, "ATELIER_REQUEST_BODY_TIMEOUT" => request_body_timeout in 1..=3_600;
    /// Seconds after which a connection without a request is closed. Proxies must close theirs earlier.
    keep_alive_timeout, "ATELIER_KEEP_ALIVE_TIMEOUT" => keep_alive_timeout in 1..=86_400;
    /// The bytes per second that a client must send of a slow request, and accept of a response.
    min_transfer_rate, "ATELIER_MIN_TRANSFER_RATE" => min_transfer_rate in 1..=1_000_000;
    /// The maximum connections of all clients with a request or a WebSocket in progress. Any further request fails with
    /// OVERLOADED. Idle connections and probes can use 64 more.
    max_connections, "ATELIER_MAX_CONNECTIONS" => max_connections in 1..=1_000_000;
    /// The maximum open connections of one address (IPv6: of one /64 network). Any further one closes the oldest idle one.
    /// Behind proxies, the maximum requests and WebSockets in progress of one address.
    connections_per_address, "ATELIER_CONNECTIONS_PER_ADDRESS" => connections_per_address in 1..=1_000_000;
    /// The maximum operations in flight of all clients. A subscription counts while it starts. Any further one fails with
    /// OVERLOADED.
    max_in_flight, "ATELIER_MAX_IN_FLIGHT" => max_in_flight in 1..=1_000_000;
    /// The maximum operations in flight of one caller. Any further one fails with RATE_LIMITED.
    in_flight_per_caller, "ATELIER_IN_FLIGHT_PER_CALLER" => in_flight_per_caller in 1..=1_000_000;
    /// The maximum running queries of all clients. Any further one waits for its turn. Expensive queries have turns of their
    /// own, half as many, and take several of them.
    max_running_queries, "ATELIER_MAX_RUNNING_QUERIES" => max_running_queries in 1..=1_000_000;
    /// The maximum running queries of one caller. Any further one waits, so that other callers need not.
    running_queries_per_caller, "ATELIER_RUNNING_QUERIES_PER_CALLER" => running_queries_per_caller in 1..=1_000_000;
    /// The maximum running subscriptions of all clients. Any further one fails with OVERLOADED.
    max_subscriptions, "ATELIER_MAX_SUBSCRIPTIONS" => max_subscriptions in 0..=1_000_000;
    /// The maximum running subscriptions of one caller. Any further one fails with RATE_LIMITED.
    subscriptions_per_caller, "ATELIER_SUBSCRIPTIONS_PER_CALLER" => subscriptions_per_caller in 1..=1_000_000;
    /// The maximum bytes of documents and variables that the running subscriptions of one caller keep. Any further
    /// subscription fails with OVERLOADED.
    max_subscription_bytes, "ATELIER_MAX_SUBSCRIPTION_BYTES" => max_subscription_bytes in 16_384..=1_073_741_824;
    /// The maximum open WebSockets of all clients. Any further one fails with OVERLOADED.
    max_websockets, "ATELIER_MAX_WEBSOCKETS" => max_websockets in 0..=1_000_000;
    /// The maximum open WebSockets of one caller. Any further one fails with RATE_LIMITED.
    websockets_per_caller, "ATELIER_WEBSOCKETS_PER_CALLER" => websockets_per_caller in 1..=1_000_000;
    /// The maximum running operations of one WebSocket.
    websocket_operations, "ATELIER_WEBSOCKET_OPERATIONS" => websocket_operations in 1..=10_000;
    /// Seconds within which a WebSocket client must send `connection_init`.
    websocket_init_timeout, "ATELIER_WEBSOCKET_INIT_TIMEOUT" => websocket_init_timeout in 1..=600;
    /// Seconds after which a WebSocket that does not accept a message is closed. Any connection that accepts no data is
    /// closed after three times as long.
    websocket_write_timeout, "ATELIER_WEBSOCKET_WRITE_TIMEOUT" => websocket_write_timeout in 1..=600;
    /// Seconds between the pings on a silent connection. A WebSocket that does not respond before the next ping is closed.
    websocket_ping_interval, "ATELIER_WEBSOCKET_PING_INTERVAL" => websocket_ping_interval in 1..=600;
    /// Seconds after which a WebSocket without a running operation is closed.
    websocket_idle_timeout, "ATELIER_WEBSOCKET_IDLE_TIMEOUT" => websocket_idle_timeout in 1..=86_400;
    /// Seconds between the checks that the credential of an open connection is still valid.
    credential_recheck_interval, "ATELIER_CREDENTIAL_RECHECK_INTERVAL" => credential_recheck_interval in 1..=3_600;
}
