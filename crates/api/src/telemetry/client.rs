//! The HTTP client of the exporter.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use async_graphql::async_trait::async_trait;
use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};

const REQUEST_TIMEOUT: Duration = Duration::from_secs(5);
const MAX_RESPONSE_BYTES: u64 = 64 * 1024;

/// A blocking HTTP client. The exporter calls it from its own thread.
#[derive(Debug)]
pub(super) struct Client {
    agent: ureq::Agent,
    is_failing: AtomicBool,
}

impl Client {
    pub(super) fn new() -> Self {
        // No redirects: spans go to the configured collector only.
        let config = ureq::Agent::config_builder().timeout_global(Some(REQUEST_TIMEOUT)).max_redirects(0);
        let agent = config.http_status_as_error(false).build().into();
        Self { agent, is_failing: AtomicBool::new(false) }
    }

    fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, ureq::Error> {
        let (head, body) = request.into_parts();
        let response = self.agent.run(Request::from_parts(head, &body[..]))?;
        let (head, mut body) = response.into_parts();
        let body = body.with_config().limit(MAX_RESPONSE_BYTES).read_to_vec()?;
        Ok(Response::from_parts(head, body.into()))
    }
}

#[async_trait]
impl HttpClient for Client {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        // Without a user and a password.
        let authority = request.uri().authority().map(|authority| authority.as_str().to_owned()).unwrap_or_default();
        let collector = authority.rsplit('@').next().unwrap_or_default();
        let result = self.send(request);
        let is_failing = !result.as_ref().is_ok_and(|response| response.status().is_success());
        // Logged when the state changes, not for each batch of spans.
        if self.is_failing.swap(is_failing, Ordering::Relaxed) != is_failing {
            match &result {
                Ok(_) if !is_failing => tracing::info!(collector, "the collector accepts spans again"),
                Ok(response) => {
                    let status = response.status().as_u16();
                    tracing::warn!(collector, status, "the collector (--otlp-endpoint) rejects spans; they are lost");
                }
                Err(error) => {
                    tracing::warn!(collector, %error, "the collector (--otlp-endpoint) is unreachable; spans are lost");
                }
            }
        }
        Ok(result?)
    }
}
