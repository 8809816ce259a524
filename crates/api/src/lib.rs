//! The GraphQL server `atelier`.

pub mod cli;
pub mod demo;
mod fair_use;
mod graphql;
mod http;
mod logging;
mod server;

pub use fair_use::{FairUseLimits, Ticks};
pub use graphql::{DocumentLimits, sdl, subgraph_sdl};
pub use http::{App, Limits, PatientListener, PatientStream, Peer, Playground, Stop, Tab};
