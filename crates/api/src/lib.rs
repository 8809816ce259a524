//! The GraphQL server `atelier`: its schema, its HTTP server and its command line.
//!
//! - `graphql`: the schema and the execution of documents.
//! - `http`: routes, transports, the REST API and the embedded pages.
//! - `authentication`: API keys and tokens of an identity provider.
//! - `caller_key`, `permit_pool`: callers as limits count them, and their shares of scarce resources.
//! - `rate_limit`: the cost budget of each caller.
//! - `metrics`: counters and gauges for Prometheus.
//! - `telemetry`: traces for an OpenTelemetry collector.
//! - `logging`: the log on standard error.
//! - `byte_cache`: caches that are bounded in bytes.
//! - `server`: a running server and its shutdown.
//! - `cli`: the commands and flags.
//! - `demo`: the sample data of `atelier demo`.
//! - `examples`: the example operations as playground tabs.
//! - `output`: lines on standard output and standard error.
//!
//! `crates/api/tests` runs the built binary, because Cargo sets `CARGO_BIN_EXE_atelier` only for the integration tests of
//! this package. Tests that call the router in process are in the package `tests`.

mod authentication;
mod byte_cache;
mod caller_key;
pub mod cli;
pub mod demo;
mod examples;
mod graphql;
mod http;
mod logging;
mod metrics;
mod output;
mod permit_pool;
mod rate_limit;
mod server;
mod telemetry;

pub use authentication::{
    ALGORITHMS, Algorithm, Authentication, ClaimNames, JwksSource, JwksSourceInvalid, RoleMapping, TokenSettings,
    UnsupportedAlgorithm, parse_algorithm,
};
pub use graphql::{
    DocumentLimits, ResponseLimits,
    schema::roles::{FieldAccess, RootField, root_fields},
    schema::roles_table::table as roles,
    sdl, subgraph_sdl,
};
pub use http::{
    App, Connections, Host, HostInvalid, IngressPolicy, Limits, Origin, OriginInvalid, Peer, Playground, Shutdown, Tab,
    TrustedDocuments, TrustedDocumentsInvalid, openapi,
};
pub use metrics::Metrics;
pub use rate_limit::{MonotonicClock, RateLimits};
