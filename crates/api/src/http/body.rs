//! Reads the bodies of requests, within limits of size, time and memory.

use std::{convert::Infallible, time::Duration};

use axum::{
    body::{Body, Bytes, HttpBody},
    extract::{FromRequest, Request},
    http::StatusCode,
};
use futures_util::StreamExt;
use tokio::time::{Instant, timeout_at};

use super::{address::Address, app::App, connections::transfer_time, error::HttpError};
use crate::{caller_key::CallerKey, graphql::Code, permit_pool::Permit};

/// The body of a request, or why it could not be read. The handler decides which error of a request comes first.
pub(super) struct RequestBody(pub(super) Result<ReceivedBody, HttpError>);

/// A complete body. It keeps its part of the memory for bodies until it is dropped.
#[derive(Default)]
pub(super) struct ReceivedBody {
    pub(super) bytes: Bytes,
    _memory: Option<Permit>,
}

impl FromRequest<App> for RequestBody {
    type Rejection = Infallible;

    async fn from_request(request: Request, app: &App) -> Result<Self, Infallible> {
        let address = request.extensions().get().copied().unwrap_or(Address(None));
        Ok(Self(app.read_body(request.into_body(), address).await))
    }
}

impl App {
    /// Reads a body. Each part extends the deadline by the time that it takes at the minimum rate. A slow client finishes, and
    /// a client that sends one byte now and then does not.
    pub(super) async fn read_body(&self, body: Body, address: Address) -> Result<ReceivedBody, HttpError> {
        let (max, rate) = (self.limits.body, self.limits.min_transfer_rate);
        let announced = usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX);
        if announced > max {
            return Err(too_long(max));
        }
        let begun = Instant::now();
        let deadline = |received| begun + self.limits.request_body_timeout + transfer_time(received, rate);
        let mut chunks = body.into_data_stream();
        let mut next = async |received: usize| match timeout_at(deadline(received), chunks.next()).await {
            Ok(Some(Ok(chunk))) => Ok(Some(chunk)),
            Ok(None) => Ok(None),
            Ok(Some(Err(_))) => Err(HttpError::bad_request("The body could not be read.")),
            Err(_) => Err(too_slow(self.limits.request_body_timeout, rate)),
        };
        let Some(first) = next(0).await? else { return Ok(ReceivedBody::default()) };
        // Most bodies arrive in one piece, which is not copied.
        let Some(second) = next(first.len()).await? else { return within(max, first, None) };
        // Copied, because a chunk of one byte would keep the whole buffer of the connection.
        let mut memory = self.body_memory.acquire_many(CallerKey::at(address.0), first.len() + second.len())?;
        // The system provides memory only for the bytes that arrive.
        let mut bytes = Vec::with_capacity(announced.max(first.len() + second.len()));
        bytes.extend_from_slice(&first);
        bytes.extend_from_slice(&second);
        drop((first, second));
        while let Some(chunk) = next(bytes.len()).await? {
            if bytes.len() + chunk.len() > max {
                return Err(too_long(max));
            }
            memory.grow(chunk.len())?;
            bytes.extend_from_slice(&chunk);
        }
        within(max, bytes.into(), Some(memory))
    }
}

fn within(max: usize, bytes: Bytes, memory: Option<Permit>) -> Result<ReceivedBody, HttpError> {
    if bytes.len() > max { Err(too_long(max)) } else { Ok(ReceivedBody { bytes, _memory: memory }) }
}

fn too_long(max: usize) -> HttpError {
    let message = format!("The body is too long: at most {max} bytes are accepted.");
    HttpError::new(StatusCode::PAYLOAD_TOO_LARGE, Code::BadRequest, message)
}

fn too_slow(timeout: Duration, rate: u32) -> HttpError {
    let message = format!(
        "The body did not arrive within {} s, nor at {rate} bytes per second. Send the request again.",
        timeout.as_secs_f64()
    );
    HttpError::new(StatusCode::REQUEST_TIMEOUT, Code::BadRequest, message)
}
