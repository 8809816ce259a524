//! The GraphQL server `atelier`.

pub mod cli;
pub mod demo;
mod graphql;
mod http;
mod logging;
mod server;

pub use graphql::{sdl, subgraph_sdl};
pub use http::{App, Limits, PatientListener, PatientStream, Playground, Stop, Tab};
