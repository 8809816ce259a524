//! A server that starts while PostgreSQL, or a proxy in front of it, is not ready.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod binary;

use std::{
    collections::VecDeque,
    io,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use binary::{Server, atelier, text};
use tests::{Backend, TestApp, run_on};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, copy, copy_bidirectional},
    net::{TcpListener, TcpStream, tcp::OwnedWriteHalf},
    task::block_in_place,
};

/// The fate of a connection.
#[derive(Clone, Copy, Debug)]
enum Fate {
    /// The proxy closes it: PostgreSQL is down.
    Closed,
    /// The proxy resets it.
    Reset,
    /// PostgreSQL rejects it with this error code.
    Rejected(&'static str),
    /// It works until the client sends this text.
    ClosedBefore(&'static [u8]),
    /// It works.
    Forwarded,
}

/// A proxy in front of PostgreSQL. When the listed fates are used up, it forwards all connections.
struct Proxy {
    url: String,
    fates: Arc<Mutex<VecDeque<Fate>>>,
    connections: Arc<AtomicUsize>,
}

impl Proxy {
    async fn start(app: &TestApp, fates: &[Fate]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let (before, after) = app.database.url.split_once('@').unwrap();
        let (database, name) = after.split_once('/').unwrap();
        let proxy = Self {
            url: format!("{before}@{address}/{name}"),
            fates: Arc::new(Mutex::new(fates.iter().copied().collect())),
            connections: Arc::default(),
        };
        let (database, fates, connections) = (database.to_owned(), proxy.fates.clone(), proxy.connections.clone());
        tokio::spawn(async move {
            loop {
                let (client, _) = listener.accept().await.unwrap();
                connections.fetch_add(1, Ordering::Relaxed);
                let fate = fates.lock().unwrap().pop_front().unwrap_or(Fate::Forwarded);
                let database = database.clone();
                // An error means that one side has closed the connection.
                tokio::spawn(async move { fate.apply(client, &database).await });
            }
        });
        proxy
    }
}

impl Fate {
    async fn apply(self, mut client: TcpStream, database: &str) -> io::Result<()> {
        match self {
            Self::Closed => {}
            Self::Reset => client.set_zero_linger()?,
            Self::Rejected(code) => reject(client, code).await?,
            Self::ClosedBefore(text) => {
                let (mut requests, mut responses) = client.into_split();
                let (mut from_database, mut to_database) = TcpStream::connect(database).await?.into_split();
                tokio::spawn(async move { copy(&mut from_database, &mut responses).await });
                let mut buffer = vec![0; 65_536];
                loop {
                    let length = requests.read(&mut buffer).await?;
                    let received = &buffer[..length];
                    if length == 0 || received.windows(text.len()).any(|window| window == text) {
                        break;
                    }
                    to_database.write_all(received).await?;
                }
                close(to_database).await?;
            }
            Self::Forwarded => {
                copy_bidirectional(&mut client, &mut TcpStream::connect(database).await?).await?;
            }
        }
        Ok(())
    }
}

/// Ends the session of the database, which then closes the connection of the client, too.
async fn close(mut to_database: OwnedWriteHalf) -> io::Result<()> {
    to_database.shutdown().await
}

/// Answers as a PostgreSQL that does not accept clients.
async fn reject(mut client: TcpStream, code: &str) -> io::Result<()> {
    const TLS_REQUEST: u32 = 80_877_103;
    loop {
        let length = client.read_u32().await?;
        let version = client.read_u32().await?;
        client.read_exact(&mut vec![0; length as usize - 8]).await?;
        if version != TLS_REQUEST {
            break;
        }
        client.write_all(b"N").await?;
    }
    let fields = format!("SFATAL\0VFATAL\0C{code}\0Mnot now\0\0");
    client.write_u8(b'E').await?;
    client.write_u32(u32::try_from(4 + fields.len()).unwrap()).await?;
    client.write_all(fields.as_bytes()).await
}

/// The arguments of a server that waits for the database for a minute, which is longer than any test takes.
fn serve(url: &str) -> [&str; 7] {
    ["serve", "--database-url", url, "--metrics-listen", "off", "--database-timeout", "60"]
}

#[test]
fn a_server_waits_at_startup_through_every_transient_failure() {
    run_on(Backend::Postgres, async |app: TestApp| {
        use Fate::{Closed, ClosedBefore, Forwarded, Rejected, Reset};
        // A start, a stop, a crash, no free connection, and a proxy without a database.
        let rejected = ["57P03", "57P01", "57P02", "53300", "08006"].map(Rejected);
        // The server connects once to see whether the database is there, twice to see whether it is suitable, and then for
        // its pools. The connections break between, and during its first statements.
        let checked = [Forwarded; 3];
        let while_connecting = [&[Forwarded, Closed][..], &checked, &[Closed], &checked].concat();
        let later = [
            ClosedBefore(b"seaql_migrations"),
            Closed,
            Reset,
            Forwarded,
            ClosedBefore(b"COMMIT"),
            Closed,
            ClosedBefore(b"UPDATE journal"),
            ClosedBefore(b"api_keys"),
        ];
        let proxy = Proxy::start(&app, &[&[Closed, Reset][..], &rejected, &while_connecting, &later].concat()).await;
        let server = block_in_place(|| Server::start(&serve(&proxy.url)));
        assert!(block_in_place(|| server.get("/ready")).unwrap().starts_with("HTTP/1.1 200 "));
        assert_eq!(proxy.fates.lock().unwrap().len(), 0, "the server met all failures: {:?}", proxy.fates);
    });
}

#[test]
fn a_server_does_not_wait_for_a_database_that_rejects_it_for_good() {
    run_on(Backend::Postgres, async |app: TestApp| {
        // A wrong password, and a database that does not exist.
        for code in ["28P01", "3D000"] {
            let proxy = Proxy::start(&app, &[Fate::Rejected(code)]).await;
            let output = block_in_place(|| atelier(&serve(&proxy.url)).output()).unwrap();
            assert_eq!(output.status.code(), Some(1));
            assert!(text(&output.stderr).contains(code), "{}", text(&output.stderr));
            assert_eq!(proxy.connections.load(Ordering::Relaxed), 1, "{code}");
        }
    });
}
