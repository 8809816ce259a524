//! The GraphQL server `atelier`.

mod authentication;
pub mod cli;
pub mod demo;
mod fair_use;
mod graphql;
mod http;
mod kept;
mod logging;
mod metrics;
mod server;
mod telemetry;

pub use authentication::{
    ALGORITHMS, Algorithm, AlgorithmRefused, Authentication, ClaimNames, JwksSource, JwksSourceInvalid, RoleMapping,
    TokenSettings, algorithm,
};
pub use fair_use::{FairUseLimits, Ticks};
pub use graphql::{
    DocumentLimits,
    roles::{Needs, ROOT_FIELDS, RootField, table as roles},
    sdl, subgraph_sdl,
};
pub use http::{
    App, Edge, Host, HostInvalid, Limits, Origin, OriginInvalid, PatientListener, PatientStream, Peer, Playground,
    Stop, Tab, TrustedDocuments, TrustedDocumentsInvalid, openapi,
};
pub use metrics::Metrics;
