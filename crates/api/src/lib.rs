//! The GraphQL server `atelier`.

mod authentication;
pub mod cli;
pub mod demo;

mod graphql;
mod http;
mod kept;
mod logging;
mod metrics;
mod rate_limit;
mod server;
mod telemetry;

pub use authentication::{
    ALGORITHMS, Algorithm, AlgorithmRefused, Authentication, ClaimNames, JwksSource, JwksSourceInvalid, RoleMapping,
    TokenSettings, algorithm,
};
pub use graphql::{
    DocumentLimits,
    schema::roles::{FieldAccess, RootField, root_fields},
    schema::roles_table::table as roles,
    sdl, subgraph_sdl,
};
pub use http::{
    App, Host, HostInvalid, IngressPolicy, Limits, Origin, OriginInvalid, Peer, Playground, Stop, Tab, TimeoutListener,
    TimeoutStream, TrustedDocuments, TrustedDocumentsInvalid, openapi,
};
pub use metrics::Metrics;
pub use rate_limit::{RateLimits, Ticks};
