//! GraphQL over WebSocket: the `graphql-transport-ws` protocol of the graphql-ws library, from the server's side.

mod conversation;
mod message;
mod operation;
mod session;

use axum::{
    Extension,
    extract::{State, WebSocketUpgrade, ws::rejection::WebSocketUpgradeRejection},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};

use tracing::Instrument;

use super::{App, address::Address, error::Refusal};
use crate::graphql::{Code, RequestId};

/// The only subprotocol; the older `graphql-ws` is another one and not spoken.
const SUBPROTOCOL: &str = "graphql-transport-ws";

/// What each socket has for bytes on their way in and out, where a longer message makes room for itself. Most wait
/// silently most of the time, and the usual 128 KiB would be nearly all that they cost.
const BUFFER: usize = 4 * 1024;

pub(super) async fn upgrade(
    State(app): State<App>,
    Extension(id): Extension<RequestId>,
    Extension(address): Extension<Address>,
    headers: HeaderMap,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response, Refusal> {
    let caller = app.introduced(&headers, address).await?;
    let upgrade = upgrade.map_err(|_| {
        let message = "Open a WebSocket here, with the subprotocol graphql-transport-ws.";
        Refusal::new(StatusCode::UPGRADE_REQUIRED, Code::BadRequest, message)
    })?;
    let upgrade = upgrade
        .max_message_size(app.limits.body)
        .max_frame_size(app.limits.body)
        .read_buffer_size(BUFFER)
        .write_buffer_size(BUFFER)
        .protocols([SUBPROTOCOL]);
    if upgrade.selected_protocol().is_none() {
        return Err(Refusal::bad_request("Offer the subprotocol graphql-transport-ws."));
    }
    let Some(permit) = app.sockets.take() else {
        let message = "The server has as many WebSockets as it can serve. Try again later.";
        return Err(Refusal::new(StatusCode::SERVICE_UNAVAILABLE, Code::Overloaded, message));
    };
    // The task that speaks is a new one: without this its log lines would not tell the request.
    let span = tracing::Span::current();
    let conversation = async move |socket| {
        conversation::run(socket, app, caller, address, id).instrument(span).await;
        drop(permit);
    };
    Ok(upgrade.on_upgrade(conversation).into_response())
}
