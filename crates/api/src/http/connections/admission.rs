use std::sync::Arc;

use axum::{
    body::HttpBody,
    extract::{Request, State},
    http::StatusCode,
    middleware::Next,
    response::{IntoResponse, Response},
};

use super::{Connection, Connections};
use crate::{
    caller_key::CallerKey,
    graphql::Code,
    http::{address::Address, error::HttpError, paths::is_probe},
};

/// The bytes of a response that need no permit. Most responses are shorter.
const SHORT_RESPONSE: usize = 16 * 1024;

/// Takes a permit for the connection of a request, and one for the bytes of a long response, until the client has the
/// response. Probes need none. Behind proxies, the permit belongs to the address of the client.
pub(in crate::http) async fn admit(State(connections): State<Connections>, request: Request, next: Next) -> Response {
    let Some(connection) = request.extensions().get::<Arc<Connection>>().cloned() else {
        // A request within the process has no connection.
        return next.run(request).await;
    };
    if is_probe(request.uri().path()) {
        return match connection.end_wait() {
            Ok(()) => next.run(request).await,
            Err(refused) => HttpError::from(refused).into_response(),
        };
    }
    let address = request.extensions().get::<Address>().and_then(|address| address.0);
    match connections.0.busy.acquire(CallerKey::at(address)).and_then(|permit| connection.hold(permit)) {
        Ok(()) => connections.bound_response(&connection, next.run(request).await),
        Err(refused) => HttpError::from(refused).into_response(),
    }
}

impl Connections {
    /// Replaces a long response by an error if the caller has too many others to read. A stream has no length: it waits for
    /// its client.
    fn bound_response(&self, connection: &Connection, response: Response) -> Response {
        let bytes = response.body().size_hint().exact().and_then(|bytes| usize::try_from(bytes).ok()).unwrap_or(0);
        let Some(caller) = connection.caller().filter(|_| bytes > SHORT_RESPONSE) else { return response };
        match self.0.responses.acquire_many(caller, bytes) {
            Ok(permit) => {
                connection.hold_response(permit);
                response
            }
            // A change may have been made, so the error is not one of a request without effect.
            Err(_) => {
                let message = "You have too many responses to read. Read them, then send the request again.";
                HttpError::new(StatusCode::SERVICE_UNAVAILABLE, Code::ServiceUnavailable, message).into_response()
            }
        }
    }
}
