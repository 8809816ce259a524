//! Clients with a body of their own each, on connections that stay open: each asks, waits for the answer, asks again.

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

use crate::{load::Measured, process::Server};

/// What became of those who asked.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Answers {
    pub(crate) seated: u32,
    pub(crate) waiting: u32,
    pub(crate) refused: u32,
}

/// What clients send, by their number: the first request, and the next one for who finds the workshop full.
pub(crate) type Ask = dyn Fn(u32, bool) -> Vec<u8> + Send + Sync;

/// A crowd that comes to the door.
pub(crate) struct Crowd {
    /// As many are in it; fewer come where time is up before.
    pub(crate) guests: u32,
    pub(crate) connections: u32,
    pub(crate) time: Option<Duration>,
    /// Whether those who find it full ask for a place in line.
    pub(crate) joins_line: bool,
}

/// One connection's answers, and the microseconds that each took.
#[derive(Default)]
struct Told {
    answers: Answers,
    took: Vec<u32>,
}

impl Crowd {
    /// Lets them in. The rate is that of guests who know what became of them; the times are those of single answers.
    pub(crate) async fn rush(&self, server: &Server, ask: Arc<Ask>) -> (Measured, Answers) {
        let next = Arc::new(AtomicU32::new(0));
        let (cpu, begun) = (server.cpu(), Instant::now());
        let until = self.time.map(|time| begun + time);
        let (guests, joins_line, address) = (self.guests, self.joins_line, server.address);
        let connections = (0..self.connections).map(|_| {
            let (next, ask) = (Arc::clone(&next), Arc::clone(&ask));
            tokio::spawn(async move {
                let mut connection = Connection::to(address).await;
                let mut told = Told::default();
                while until.is_none_or(|until| Instant::now() < until) {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= guests {
                        break;
                    }
                    if connection.tell(&ask(number, false), &mut told).await == Outcome::Full && joins_line {
                        told.answers.refused -= 1;
                        connection.tell(&ask(number, true), &mut told).await;
                    }
                }
                told
            })
        });
        let told = join_all(connections.collect::<Vec<_>>()).await;
        let (seconds, used) = (begun.elapsed().as_secs_f64(), server.cpu() - cpu);
        let (mut answers, mut took) = (Answers::default(), Vec::new());
        for one in told {
            let one = one.expect("a connection");
            answers.seated += one.answers.seated;
            answers.waiting += one.answers.waiting;
            answers.refused += one.answers.refused;
            took.extend(one.took);
        }
        took.sort_unstable();
        let guests = f64::from(answers.seated + answers.waiting + answers.refused);
        let within = |percent: usize| took.get(took.len() * percent / 100).map_or(0.0, |took| f64::from(*took) / 1e3);
        (Measured { rate: guests / seconds, p50: within(50), p99: within(99), cpu: used * 1e3 / guests }, answers)
    }
}

#[derive(Eq, PartialEq)]
enum Outcome {
    Granted,
    Full,
}

/// A connection that is kept, with what was read of the answer.
struct Connection {
    stream: TcpStream,
    read: Vec<u8>,
}

impl Connection {
    async fn to(address: std::net::SocketAddr) -> Self {
        let stream = TcpStream::connect(address).await.expect("a connection");
        stream.set_nodelay(true).expect("a socket");
        Self { stream, read: Vec::with_capacity(4096) }
    }

    /// Sends a request and counts its answer.
    async fn tell(&mut self, request: &[u8], told: &mut Told) -> Outcome {
        let begun = Instant::now();
        self.stream.write_all(request).await.expect("sent");
        let answer = self.answer().await;
        told.took.push(u32::try_from(begun.elapsed().as_micros()).unwrap_or(u32::MAX));
        if answer.contains(r#""status":"REGISTERED""#) {
            told.answers.seated += 1;
        } else if answer.contains(r#""status":"WAITLISTED""#) {
            told.answers.waiting += 1;
        } else if answer.contains(r#""code":1011"#) {
            told.answers.refused += 1;
            return Outcome::Full;
        } else {
            panic!("neither a registration nor a refusal: {answer}");
        }
        Outcome::Granted
    }

    /// The next answer as it came, headers and all.
    async fn answer(&mut self) -> &str {
        self.read.clear();
        let mut whole = None;
        while whole.is_none_or(|whole| self.read.len() < whole) {
            let read = self.stream.read_buf(&mut self.read).await.expect("an answer");
            assert!(read > 0, "the connection was closed: {}", String::from_utf8_lossy(&self.read));
            if whole.is_none() {
                whole = length(&self.read);
            }
        }
        std::str::from_utf8(&self.read).expect("text")
    }
}

/// How long an answer is, if what was read says so by now.
fn length(read: &[u8]) -> Option<usize> {
    let head = read.windows(4).position(|four| four == b"\r\n\r\n")?;
    let said = std::str::from_utf8(&read[..head]).expect("headers");
    let body = said.lines().find_map(|line| line.strip_prefix("content-length: ")).expect("its length");
    Some(head + 4 + body.parse::<usize>().expect("a number"))
}
