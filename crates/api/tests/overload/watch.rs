use std::{
    io::{Read, Write},
    net::TcpStream,
    sync::mpsc::{self, RecvTimeoutError},
    time::{Duration, Instant},
};

use tokio::{runtime::Handle, task::block_in_place};

use crate::binary::Server;

/// How long the one who watches rests.
const PAUSE: Duration = Duration::from_millis(50);

/// What is seen of a server while something goes on there.
pub(crate) struct Watch {
    /// How long `/health` took, from the shortest to the longest.
    health: Vec<Duration>,
    /// The most memory that it had.
    pub(crate) memory: u64,
}

impl Watch {
    /// Looks until something is over; answers with what came of it, too. It looks from a thread of its own, which waits for
    /// the server and for none of the crowd.
    pub(crate) fn during<T>(server: &Server, work: impl Future<Output = T>) -> (T, Self) {
        let (over, is_over) = mpsc::channel::<()>();
        let (result, (mut health, memory)) = std::thread::scope(|scope| {
            let watching = scope.spawn(move || {
                let (mut health, mut memory) = (Vec::new(), 0);
                let mut kept = TcpStream::connect(&server.address).unwrap();
                while is_over.recv_timeout(PAUSE) == Err(RecvTimeoutError::Timeout) {
                    let begun = Instant::now();
                    ask_for_health(&mut kept, &server.address);
                    health.push(begun.elapsed());
                    memory = server.memory().max(memory);
                }
                (health, memory)
            });
            let result = block_in_place(|| Handle::current().block_on(work));
            drop(over);
            (result, watching.join().unwrap())
        });
        health.sort();
        (result, Self { health, memory })
    }

    /// Within which all but so many of a hundred were answered.
    pub(crate) fn health(&self, percent: usize) -> Duration {
        self.health[(self.health.len() - 1) * percent / 100]
    }
}

fn ask_for_health(kept: &mut TcpStream, address: &str) {
    kept.write_all(format!("GET /health HTTP/1.1\r\nhost: {address}\r\n\r\n").as_bytes()).unwrap();
    let mut answer = Vec::new();
    while !answer.ends_with(br#"{"status":"ok"}"#) {
        let mut bytes = [0; 1024];
        let count = kept.read(&mut bytes).unwrap();
        assert!(count > 0, "the connection ended");
        answer.extend(&bytes[..count]);
    }
}
