use std::time::Instant;

use axum::{
    extract::{MatchedPath, Request},
    http::{HeaderMap, HeaderName, HeaderValue},
    middleware::Next,
    response::Response,
};
use tracing::Instrument;
use uuid::Uuid;

use crate::graphql::RequestId;

pub(super) const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Gives the request an id, writes one line about it to the log, and tells the client the id.
pub(super) async fn identify(mut request: Request, next: Next) -> Response {
    let id = given(request.headers()).unwrap_or_else(|| RequestId(Uuid::now_v7().to_string().into()));
    // The route, and never what was asked of it: a GET carries its variables there, and who mistypes an address may have
    // put anything into it.
    let path = request.extensions().get::<MatchedPath>().map_or("(none)", MatchedPath::as_str);
    let span = tracing::info_span!("request", id = &*id.0, method = %request.method(), path);
    let about_the_graph = request.uri().path().starts_with("/graphql");
    request.extensions_mut().insert(id.clone());
    async {
        let begun = Instant::now();
        let mut response = next.run(request).await;
        let (status, elapsed_us) =
            (response.status().as_u16(), u64::try_from(begun.elapsed().as_micros()).unwrap_or(u64::MAX));
        // Probes and the playground's files would drown the rest.
        if about_the_graph {
            tracing::info!(status, elapsed_us, "answered");
        } else {
            tracing::debug!(status, elapsed_us, "answered");
        }
        if let Ok(value) = HeaderValue::from_str(&id.0) {
            response.headers_mut().insert(X_REQUEST_ID, value);
        }
        response
    }
    .instrument(span)
    .await
}

/// The caller's own id, if it is short and plain enough to stand in a log line.
fn given(headers: &HeaderMap) -> Option<RequestId> {
    let id = headers.get(X_REQUEST_ID)?.to_str().ok()?;
    let sane =
        (1..=128).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.:".contains(&byte));
    sane.then(|| RequestId(id.into()))
}
