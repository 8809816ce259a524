//! Closes a listener without the loss of a client.
//!
//! The system resets a connection that it has accepted and the server has not. A client can connect between the last
//! `accept` and `close`, however short that is. The listener therefore first ignores new clients, and then waits for those
//! whose handshake has begun.

use std::{io, net::SocketAddr, time::Duration};

use axum::serve::Listener;
use tokio::{
    net::{TcpListener, TcpStream},
    time::{Instant, timeout_at},
};

/// The time in which a handshake that has begun ends. It is more than the round-trip time of a proxy. The system of a client
/// that is ignored repeats its first packet after a second. It is then refused, or accepted by the next server.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_millis(100);

/// Closes a listener. Takes over the connections of all clients that the system has accepted, or is about to accept.
pub(super) async fn close(mut listener: TcpListener, mut take_over: impl FnMut(TcpStream, SocketAddr)) {
    if let Err(error) = ignore_new_clients(&listener) {
        tracing::debug!(%error, "cannot ignore new clients; one that connects in this moment can be reset");
    }
    let deadline = Instant::now() + HANDSHAKE_TIMEOUT;
    while let Ok((stream, peer)) = timeout_at(deadline, Listener::accept(&mut listener)).await {
        take_over(stream, peer);
    }
    // The runtime can learn of a connection later than the system has accepted it.
    let Ok(listener) = listener.into_std() else { return };
    while let Ok((stream, peer)) = listener.accept() {
        if stream.set_nonblocking(true).is_ok()
            && let Ok(stream) = TcpStream::from_std(stream)
        {
            take_over(stream, peer);
        }
    }
}

/// Drops the first packet of each new client.
#[cfg(target_os = "linux")]
fn ignore_new_clients(listener: &TcpListener) -> io::Result<()> {
    use socket2::{SockFilter, SockRef};

    // The classic BPF of Linux: <linux/filter.h>. A packet begins with its TCP header.
    const LOAD_BYTE: u16 = 0x30;
    const JUMP_IF_SET: u16 = 0x45;
    const RETURN: u16 = 0x06;
    const TCP_FLAGS: u32 = 13;
    const SYN: u32 = 0x02;

    SockRef::from(listener).attach_filter(&[
        SockFilter::new(LOAD_BYTE, 0, 0, TCP_FLAGS),
        SockFilter::new(JUMP_IF_SET, 0, 1, SYN),
        // The number of bytes to keep.
        SockFilter::new(RETURN, 0, 0, 0),
        SockFilter::new(RETURN, 0, 0, u32::MAX),
    ])
}

/// Other systems have no such filter.
#[cfg(not(target_os = "linux"))]
fn ignore_new_clients(_: &TcpListener) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

#[cfg(test)]
mod tests {
    use std::{
        collections::VecDeque,
        io::{self, Read, Write},
        net,
        thread::{self, JoinHandle},
    };

    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        task::JoinSet,
    };

    use super::*;

    const CLIENTS: usize = 4;
    const LISTENERS: usize = 96;
    /// The listeners that close at the same time.
    const AT_A_TIME: usize = 8;
    /// The connections of a client that wait for a response. All together need less than the usual limit of open files.
    const WAITING: usize = 10;

    /// Connects until the listener is closed, and sends a request on each connection. Returns how many were answered, and the
    /// errors of the others.
    fn connect_until_refused(address: SocketAddr) -> JoinHandle<(usize, Vec<String>)> {
        thread::spawn(move || {
            let (mut waiting, mut answered, mut lost) = (VecDeque::new(), 0, Vec::new());
            let mut receive = |(mut stream, sent): (net::TcpStream, io::Result<()>)| match sent
                .and_then(|()| stream.read_exact(&mut [0]))
            {
                Ok(()) => answered += 1,
                Err(error) => lost.push(error.to_string()),
            };
            while let Ok(mut stream) = net::TcpStream::connect_timeout(&address, Duration::from_millis(50)) {
                let sent = stream.write_all(b"?");
                waiting.push_back((stream, sent));
                if waiting.len() == WAITING {
                    waiting.pop_front().map(&mut receive);
                }
            }
            waiting.into_iter().for_each(receive);
            (answered, lost)
        })
    }

    /// Answers one request.
    async fn answer(mut stream: TcpStream) {
        stream.read_exact(&mut [0]).await.unwrap();
        stream.write_all(b"!").await.unwrap();
    }

    /// Closes a listener while clients connect, and returns how many were answered.
    async fn close_under_load() -> usize {
        let mut listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let clients: Vec<_> = (0..CLIENTS).map(|_| connect_until_refused(address)).collect();
        for _ in 0..CLIENTS {
            tokio::spawn(answer(Listener::accept(&mut listener).await.0));
        }
        close(listener, |stream, _| drop(tokio::spawn(answer(stream)))).await;
        let ended = tokio::task::spawn_blocking(|| clients.into_iter().map(|client| client.join().unwrap()));
        let mut count = 0;
        for (answered, lost) in ended.await.unwrap() {
            assert_eq!(lost, [] as [String; 0], "connections were reset");
            count += answered;
        }
        count
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn clients_that_connect_while_a_listener_closes_are_answered_or_refused() {
        let mut answered = 0;
        let mut closing = JoinSet::new();
        for _ in 0..LISTENERS {
            if closing.len() == AT_A_TIME {
                answered += closing.join_next().await.unwrap().unwrap();
            }
            closing.spawn(close_under_load());
        }
        while let Some(count) = closing.join_next().await {
            answered += count.unwrap();
        }
        assert!(answered >= LISTENERS * CLIENTS, "{answered}");
    }
}
