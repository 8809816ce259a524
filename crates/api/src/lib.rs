//! The GraphQL server `atelier`.

mod authentication;
pub mod cli;
pub mod demo;
mod graphql;
mod http;
mod logging;
mod server;

pub use authentication::{
    ALGORITHMS, Algorithm, AlgorithmRefused, Authentication, ClaimNames, JwksSource, JwksSourceInvalid, RoleMapping,
    TokenSettings, algorithm,
};
pub use graphql::{
    roles::{Needs, ROOT_FIELDS, RootField, table as roles},
    sdl, subgraph_sdl,
};
pub use http::{
    App, Edge, Host, HostInvalid, Limits, Origin, OriginInvalid, PatientListener, PatientStream, Playground, Stop, Tab,
    TrustedDocuments, TrustedDocumentsInvalid,
};
