//! Clients that send different requests on persistent connections, each request after the response to the one before.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use futures_util::future::join_all;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::{measurement::Measurement, process::Server};

/// The numbers of guests by the result that they received.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Outcomes {
    pub(crate) seated: u32,
    pub(crate) waitlisted: u32,
    pub(crate) refused: u32,
}

/// Returns the request of a guest by number. The flag asks for the waitlist.
pub(crate) type RequestSource = dyn Fn(u32, bool) -> Vec<u8> + Send + Sync;

/// Guests who register on several connections.
pub(crate) struct Clients {
    /// The number of guests; fewer if `duration` ends first.
    pub(crate) guests: u32,
    pub(crate) connections: u32,
    pub(crate) duration: Option<Duration>,
    /// Whether a guest who is refused a seat asks for the waitlist.
    pub(crate) joins_waitlist: bool,
}

/// The results of one connection.
#[derive(Default)]
struct ConnectionResults {
    outcomes: Outcomes,
    latencies_ms: Vec<f64>,
}

impl Clients {
    /// Registers all guests. The rate counts guests with a final result; the latencies are those of single responses.
    pub(crate) async fn run(&self, server: &Server, requests: Arc<RequestSource>) -> (Measurement, Outcomes) {
        let next = Arc::new(AtomicU32::new(0));
        let (cpu_before, begun) = (server.cpu_seconds(), Instant::now());
        let end = self.duration.map(|duration| begun + duration);
        let (guests, joins_waitlist, address) = (self.guests, self.joins_waitlist, server.address);
        let connections = (0..self.connections).map(|_| {
            let (next, requests) = (Arc::clone(&next), Arc::clone(&requests));
            tokio::spawn(async move {
                let mut connection = Connection::open(address).await;
                let mut results = ConnectionResults::default();
                while end.is_none_or(|end| Instant::now() < end) {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= guests {
                        break;
                    }
                    let response = connection.register(&requests(number, false), &mut results).await;
                    if response == Response::Refused && joins_waitlist {
                        results.outcomes.refused -= 1;
                        connection.register(&requests(number, true), &mut results).await;
                    }
                }
                results
            })
        });
        let results = join_all(connections.collect::<Vec<_>>()).await;
        let (seconds, cpu) = (begun.elapsed().as_secs_f64(), server.cpu_seconds() - cpu_before);
        let (mut outcomes, mut latencies_ms) = (Outcomes::default(), Vec::new());
        for connection in results {
            let connection = connection.expect("a connection without an error");
            outcomes.seated += connection.outcomes.seated;
            outcomes.waitlisted += connection.outcomes.waitlisted;
            outcomes.refused += connection.outcomes.refused;
            latencies_ms.extend(connection.latencies_ms);
        }
        let guests = f64::from(outcomes.seated + outcomes.waitlisted + outcomes.refused);
        (Measurement::from_latencies(guests / seconds, latencies_ms, cpu * 1e3 / guests), outcomes)
    }
}

#[derive(Eq, PartialEq)]
enum Response {
    Registered,
    Refused,
}

/// A persistent connection, with the buffer of the current response.
struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Connection {
    async fn open(address: std::net::SocketAddr) -> Self {
        let stream = TcpStream::connect(address).await.expect("a connection to the server");
        stream.set_nodelay(true).expect("TCP_NODELAY");
        Self { stream, buffer: Vec::with_capacity(4096) }
    }

    /// Sends a registration, and records its outcome and latency.
    async fn register(&mut self, request: &[u8], results: &mut ConnectionResults) -> Response {
        let begun = Instant::now();
        self.stream.write_all(request).await.expect("the request is sent");
        let response = self.read_response().await;
        results.latencies_ms.push(begun.elapsed().as_secs_f64() * 1e3);
        if response.contains(r#""status":"REGISTERED""#) {
            results.outcomes.seated += 1;
        } else if response.contains(r#""status":"WAITLISTED""#) {
            results.outcomes.waitlisted += 1;
        } else if response.contains(r#""code":1011"#) {
            results.outcomes.refused += 1;
            return Response::Refused;
        } else {
            panic!("neither a registration nor a refusal: {response}");
        }
        Response::Registered
    }

    /// Reads the next response, with its head.
    async fn read_response(&mut self) -> &str {
        self.buffer.clear();
        let mut length = None;
        while length.is_none_or(|length| self.buffer.len() < length) {
            let read = self.stream.read_buf(&mut self.buffer).await.expect("a response");
            assert!(read > 0, "the server closed the connection: {}", String::from_utf8_lossy(&self.buffer));
            if length.is_none() {
                length = response_length(&self.buffer);
            }
        }
        std::str::from_utf8(&self.buffer).expect("a response in UTF-8")
    }
}

/// The length of a response with its head, or `None` while the head is incomplete.
fn response_length(received: &[u8]) -> Option<usize> {
    let head = received.windows(4).position(|four| four == b"\r\n\r\n")?;
    let headers = std::str::from_utf8(&received[..head]).expect("headers in UTF-8");
    let length = headers.lines().find_map(|line| line.strip_prefix("content-length: ")).expect("a content-length");
    Some(head + 4 + length.parse::<usize>().expect("a number"))
}
