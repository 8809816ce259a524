mod close_listener;

use std::{
    convert::Infallible,
    future::poll_fn,
    net::SocketAddr,
    pin::{Pin, pin},
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use axum::{
    Router,
    body::{Body, Bytes, HttpBody},
    extract::ConnectInfo,
    http::{Request, StatusCode},
    response::Response,
    serve::Listener,
};
use futures_util::FutureExt;
use hyper::{
    body::{Frame, Incoming, SizeHint},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpListener,
    time::{Instant, sleep_until},
};
use tower::ServiceExt;

use super::{
    Connections, RESERVED,
    connection::{CloseReason, Connection, Due, RequestGuard},
    stream::TimeoutStream,
};
use crate::http::address::Peer;
use close_listener::close;

/// The maximum bytes of the line and the headers of a request. An address can have 64 KiB.
const MAX_HEAD_BYTES: usize = 80 * 1024;

/// How long a server that stops waits for the first request on a connection that a client has just opened.
const FIRST_REQUEST_TIMEOUT: Duration = Duration::from_secs(1);

/// The response to a request whose headers do not arrive in time.
const HEADER_TIMEOUT: &[u8] = b"HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";

impl Connections {
    /// The open files of the connections of a server beyond `--max-connections`: those of clients, and those of the port of
    /// the metrics.
    pub(crate) const RESERVED_FILES: usize = RESERVED + 2 * RESERVED;

    /// Serves clients until the server stops. Connections with a request in progress then continue in their own tasks.
    pub async fn serve(
        self,
        mut listener: TcpListener,
        router: Router,
        stopping: impl Future<Output = ()> + Send + 'static,
    ) {
        let stopping = stopping.boxed().shared();
        loop {
            let (stream, peer) = tokio::select! {
                accepted = Listener::accept(&mut listener) => accepted,
                () = stopping.clone() => break,
            };
            // Without the delay of Nagle's algorithm, the last of several short messages leaves at once.
            let _ = stream.set_nodelay(true);
            self.spawn(stream, peer, &router, stopping.clone());
        }
        // A client can have sent a request on a connection that waits. A reverse proxy does not repeat a mutation that it has
        // sent, so the server still serves these connections.
        close(listener, |stream, peer| self.spawn(stream, peer, &router, stopping.clone())).await;
    }

    /// Serves the requests on one stream in a task of its own.
    fn spawn<S>(
        &self,
        stream: S,
        peer: SocketAddr,
        router: &Router,
        stopping: impl Future<Output = ()> + Send + 'static,
    ) where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        // Opened before its task runs, because tasks start in any order. A connection that has waited longer is replaced
        // first.
        let Some(connection) = self.open(peer) else { return };
        let (connections, router) = (self.clone(), router.clone());
        tokio::spawn(async move {
            if let Some(reason) = drive(stream, &connection, router, stopping).await {
                tracing::debug!(%peer, reason = reason.name(), "closed a connection");
                connections.count_closed(reason);
            }
        });
    }
}

/// Runs a connection until either side closes it or it becomes a WebSocket. Returns the reason if the server did.
async fn drive<S>(
    stream: S,
    connection: &Arc<Connection>,
    router: Router,
    stopping: impl Future<Output = ()>,
) -> Option<CloseReason>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let stream = TokioIo::new(TimeoutStream::new(stream, connection.clone()));
    let service = || service_fn(|request| respond(connection.clone(), router.clone(), request));
    let mut http = http1::Builder::new();
    // hyper has one timeout for the wait for a request and for its headers; `connection` has two.
    http.header_read_timeout(None).max_header_size(MAX_HEAD_BYTES).max_buf_size(2 * MAX_HEAD_BYTES);
    let mut serving = http.serve_connection(stream, service()).with_upgrades();
    let mut timer = pin!(sleep_until(Instant::now()));
    let mut stopping = pin!(stopping);
    let mut is_stopping = false;
    loop {
        // What the connection is doing changes only while it is polled, so the deadline is read after that.
        let finished = poll_fn(|context| match Pin::new(&mut serving).poll(context) {
            Poll::Ready(result) => Poll::Ready(result.err().and_then(|error| close_reason(&error)).map(Due::Close)),
            Poll::Pending => {
                let Some((deadline, due)) = connection.deadline() else { return Poll::Pending };
                if timer.deadline() != deadline {
                    timer.as_mut().reset(deadline);
                }
                timer.as_mut().poll(context).map(|()| Some(due))
            }
        });
        tokio::select! {
            // The order matters: no request begins on a connection that has lost its place.
            biased;
            () = connection.evicted() => return Some(CloseReason::Replaced),
            due = finished => {
                let due = due?;
                if let Due::Close(reason) = due && reason != CloseReason::HeaderTimeout {
                    return Some(reason);
                }
                let parts = serving.into_parts()?;
                if due == Due::Examine && parts.read_buf.is_empty() {
                    connection.examined();
                    serving = http.serve_connection(parts.io, service()).with_upgrades();
                    continue;
                }
                let mut stream = parts.io.into_inner();
                // Tried once: a new client accepts so few bytes, and an attacker is not worth a wait.
                let _ = poll_fn(|context| Pin::new(&mut stream).poll_write(context, HEADER_TIMEOUT)).now_or_never();
                return Some(CloseReason::HeaderTimeout);
            }
            () = &mut stopping, if !is_stopping => {
                is_stopping = true;
                // hyper closes a connection without a request at once, although one can be on its way. After its response the
                // connection closes, too.
                if !connection.limit_first_request(FIRST_REQUEST_TIMEOUT) {
                    Pin::new(&mut serving).graceful_shutdown();
                }
            }
        }
    }
}

/// The reason for which the stream has closed a connection, if it has.
fn close_reason(error: &hyper::Error) -> Option<CloseReason> {
    let source = std::error::Error::source(error)?.downcast_ref::<std::io::Error>()?;
    match source.kind() {
        std::io::ErrorKind::TimedOut => Some(CloseReason::WriteTimeout),
        std::io::ErrorKind::QuotaExceeded => Some(CloseReason::Rejected),
        _ => None,
    }
}

/// Responds to a request. The response is complete when its body is dropped.
async fn respond(
    connection: Arc<Connection>,
    router: Router,
    mut request: Request<Incoming>,
) -> Result<Response, Infallible> {
    let guard = connection.begin_request();
    request.extensions_mut().insert(ConnectInfo(Peer(connection.peer)));
    request.extensions_mut().insert(connection);
    let response = router.oneshot(request.map(Body::new)).await?;
    if response.status() == StatusCode::SWITCHING_PROTOCOLS {
        guard.upgrade();
        return Ok(response);
    }
    Ok(response.map(|body| Body::new(GuardedBody { body, _guard: guard })))
}

/// The body of a response, with the guard of its request.
struct GuardedBody {
    body: Body,
    _guard: RequestGuard,
}

impl HttpBody for GuardedBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
