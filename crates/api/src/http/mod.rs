//! The HTTP server: GraphQL over HTTP, WebSocket and server-sent events, the REST API, the playground and the probes.
//!
//! - `router`: all routes and their middleware.
//! - `app`: the state that the handlers share.
//! - `graphql`, `events`, `websocket`: the transports of GraphQL.
//! - `body`: reading the body of a request.
//! - `query_string`, `request`, `response`: reading a GraphQL request and writing its response.
//! - `media_type`, `negotiation`: the media types, and the choice between them.
//! - `persisted_documents`, `trusted_documents`, `document_id`: documents that clients request by id.
//! - `json`: strict JSON.
//! - `v1`: the REST API, its OpenAPI document and Swagger UI.
//! - `playground`, `embedded`: GraphiQL, and files embedded in the binary.
//! - `probes`, `readiness`, `metrics`: health, readiness and metrics.
//! - `ingress`, `host`, `origin`, `origin_log`: restrictions before authentication.
//! - `address`, `caller`: the client's address, and its authentication.
//! - `rate_limit_headers`, `request_id`, `error`, `fallback`, `paths`: parts of every response.
//! - `limits`, `connections`, `shutdown`: limits, connections and the graceful shutdown.

mod address;
mod app;
mod body;
mod caller;
mod connections;
mod document_id;
mod embedded;
mod error;
mod events;
mod fallback;
mod graphql;
mod host;
mod ingress;
mod json;
mod limits;
mod media_type;
mod metrics;
mod negotiation;
mod origin;
mod origin_log;
mod paths;
mod persisted_documents;
mod playground;
mod probes;
mod query_string;
mod rate_limit_headers;
mod readiness;
mod request;
mod request_id;
mod response;
mod router;
mod shutdown;
mod trusted_documents;
mod v1;
mod websocket;

pub use address::Peer;
pub use app::App;
pub use connections::Connections;
pub use host::{Host, HostInvalid};
pub use ingress::IngressPolicy;
pub use limits::Limits;
pub use origin::{Origin, OriginInvalid};
pub use playground::{Playground, Tab};
pub use shutdown::Shutdown;
pub use trusted_documents::{TrustedDocuments, TrustedDocumentsInvalid};
pub use v1::openapi;
