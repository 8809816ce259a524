use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use async_graphql::async_trait::async_trait;
use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};

/// The longest that a collector may take to take something.
const PATIENCE: Duration = Duration::from_secs(5);
/// The most bytes that it may say to that.
const MOST_BYTES: u64 = 64 * 1024;

/// Asks over HTTP, and waits for the answer. The exporter has a thread of its own, in which nobody else waits.
#[derive(Debug)]
pub(super) struct Client {
    agent: ureq::Agent,
    is_refused: AtomicBool,
}

impl Client {
    pub(super) fn new() -> Self {
        // No redirects: the operator said where the collector is.
        let config = ureq::Agent::config_builder().timeout_global(Some(PATIENCE)).max_redirects(0);
        let agent = config.http_status_as_error(false).build().into();
        Self { agent, is_refused: AtomicBool::new(false) }
    }

    fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, ureq::Error> {
        let (head, body) = request.into_parts();
        let response = self.agent.run(Request::from_parts(head, &body[..]))?;
        let (head, mut body) = response.into_parts();
        let body = body.with_config().limit(MOST_BYTES).read_to_vec()?;
        Ok(Response::from_parts(head, body.into()))
    }
}

#[async_trait]
impl HttpClient for Client {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let answered = self.send(request);
        let is_refused = !answered.as_ref().is_ok_and(|response| response.status().is_success());
        // Said once, and not with every batch of spans.
        if self.is_refused.swap(is_refused, Ordering::Relaxed) != is_refused {
            match &answered {
                Ok(_) if !is_refused => tracing::info!("the collector takes spans"),
                Ok(response) => {
                    let status = response.status().as_u16();
                    tracing::warn!(status, "the collector does not take spans; they are lost");
                }
                Err(error) => tracing::warn!(%error, "the collector cannot be reached; spans are lost"),
            }
        }
        Ok(answered?)
    }
}
