use std::sync::Arc;

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};

use super::{Connection, Connections};
use crate::{
    caller_key::CallerKey,
    http::{address::Address, error::HttpError, paths::is_probe},
};

/// Takes a permit for the connection of a request, until the response ends. Probes need none. Behind proxies, the permit
/// belongs to the address of the client.
pub(in crate::http) async fn admit(State(connections): State<Connections>, request: Request, next: Next) -> Response {
    let Some(connection) = request.extensions().get::<Arc<Connection>>() else {
        // A request within the process has no connection.
        return next.run(request).await;
    };
    if is_probe(request.uri().path()) {
        return next.run(request).await;
    }
    let address = request.extensions().get::<Address>().and_then(|address| address.0);
    match connections.0.busy.acquire(CallerKey::at(address)).and_then(|permit| connection.hold(permit)) {
        Ok(()) => next.run(request).await,
        Err(refused) => HttpError::from(refused).into_response(),
    }
}
