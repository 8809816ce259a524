//! GraphQL over WebSocket: the server side of the `graphql-transport-ws` protocol.

mod arrival;
mod close;
mod connection;
mod message;
mod operation;
mod session;

use std::sync::Arc;

use axum::{
    Extension,
    extract::{State, WebSocketUpgrade, ws::rejection::WebSocketUpgradeRejection},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use tracing::Instrument;

use super::{address::Address, app::App, caller::Caller, connections::Connection, error::HttpError};
use crate::{
    caller_key::CallerKey,
    graphql::{Code, RequestId},
};
use arrival::Arrival;
use session::Session;

/// The only supported subprotocol. The older `graphql-ws` is a different protocol.
const SUBPROTOCOL: &str = "graphql-transport-ws";

/// The initial size of the read and write buffers of a socket. They grow for longer messages. Most sockets are idle, and
/// the default of 128 KiB would be most of their memory.
const BUFFER_BYTES: usize = 4 * 1024;

pub(super) async fn upgrade(
    State(app): State<App>,
    Extension(id): Extension<RequestId>,
    Extension(address): Extension<Address>,
    connection: Option<Extension<Arc<Connection>>>,
    headers: HeaderMap,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response, HttpError> {
    let caller = app.identify_optional(&headers, address).await?;
    let upgrade = upgrade.map_err(|_| {
        let message = "Open a WebSocket here, with the subprotocol graphql-transport-ws.";
        HttpError::new(StatusCode::UPGRADE_REQUIRED, Code::BadRequest, message)
    })?;
    let upgrade = upgrade
        .max_message_size(app.limits.body)
        .max_frame_size(app.limits.body)
        .read_buffer_size(BUFFER_BYTES)
        .write_buffer_size(BUFFER_BYTES)
        .protocols([SUBPROTOCOL]);
    if upgrade.selected_protocol().is_none() {
        return Err(HttpError::bad_request("Offer the subprotocol graphql-transport-ws."));
    }
    let permit = app.websockets.acquire(caller.as_ref().map_or_else(|| CallerKey::at(address.0), Caller::key))?;
    // The connection runs in a new task, whose log lines belong to this request.
    let span = tracing::Span::current();
    let connection = async move |socket| {
        let (session, outbox) = Session::new(app.clone(), caller, address, id, permit);
        let arrival = Arrival::new(connection.map(|Extension(connection)| connection), &app.limits);
        connection::run(socket, &app, session, outbox, arrival).instrument(span).await;
    };
    Ok(upgrade.on_upgrade(connection).into_response())
}
