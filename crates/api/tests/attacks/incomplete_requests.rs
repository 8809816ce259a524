//! Clients that begin requests and never complete them. The server has fewer connections and permits than they ask for.

use macro_rules_attribute::apply;
use serde_json::json;
use tests::{TestApp, on_sqlite};
use tokio::{
    io::AsyncWriteExt,
    time::{Duration, interval},
};

use crate::{
    attacker::Attacker,
    binary::post_request,
    target::{Attackers, Target},
};

/// The connections that each client of the attack tries to keep: together more than the server accepts.
const CONNECTIONS: usize = 100;
const FLAGS: [&str; 4] = ["--max-connections", "600", "--connections-per-address", "60"];
/// The time between two bytes of a slow client.
const BYTE_INTERVAL: Duration = Duration::from_millis(500);

/// What a client sends on each connection: the beginning of a request, and the rest byte by byte, if at all.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Pace {
    Stopped,
    ByteByByte,
}

/// Sends the beginning of a request, and returns when the server closes the connection.
async fn keep_connection(attacker: &Attacker, begin: &str, rest: &str, pace: Pace) -> Option<()> {
    let mut stream = attacker.connect().await;
    stream.write_all(begin.as_bytes()).await.ok()?;
    attacker.responses.count_served();
    let (mut reader, mut writer) = stream.split();
    let read = async { tokio::io::copy(&mut reader, &mut tokio::io::sink()).await.ok().map(|_| ()) };
    let write = async {
        let mut ticks = interval(BYTE_INTERVAL);
        for byte in rest.bytes().cycle() {
            if pace == Pace::Stopped {
                std::future::pending::<()>().await;
            }
            ticks.tick().await;
            writer.write_all(&[byte]).await.ok()?;
        }
        Some(())
    };
    tokio::select! { ended = read => ended, ended = write => ended }
}

/// Runs an attack with this beginning of a request for a host.
async fn withstand_incomplete(app: &TestApp, attack: &str, begin: fn(&str) -> String, rest: &str, pace: Pace) {
    let target = Target::start_with_flags(app, &FLAGS).await;
    target
        .withstand(attack, Attackers::Anonymous, &[], |attacker| {
            let (begin, rest) = (begin(&attacker.host), rest.to_owned());
            attacker.keep(CONNECTIONS, move |attacker| {
                let (begin, rest) = (begin.clone(), rest.clone());
                async move {
                    keep_connection(&attacker, &begin, &rest, pace).await;
                }
            })
        })
        .await;
}

fn head(host: &str) -> String {
    format!("GET /health HTTP/1.1\r\nhost: {host}\r\n")
}

/// A request whose body is announced and does not arrive.
fn body(host: &str) -> String {
    let request = post_request(host, None, &json!({ "query": "x".repeat(50_000) }).to_string());
    request[..request.find("\r\n\r\n").unwrap() + 6].to_owned()
}

#[apply(on_sqlite)]
async fn incomplete_heads(app: TestApp) {
    withstand_incomplete(&app, "incomplete heads", head, "", Pace::Stopped).await;
}

#[apply(on_sqlite)]
async fn slow_heads(app: TestApp) {
    withstand_incomplete(&app, "slow heads", head, "x-a: b\r\n", Pace::ByteByByte).await;
}

#[apply(on_sqlite)]
async fn incomplete_bodies(app: TestApp) {
    withstand_incomplete(&app, "incomplete bodies", body, "", Pace::Stopped).await;
}

#[apply(on_sqlite)]
async fn slow_bodies(app: TestApp) {
    withstand_incomplete(&app, "slow bodies", body, "x", Pace::ByteByByte).await;
}

#[apply(on_sqlite)]
async fn idle_connections(app: TestApp) {
    withstand_incomplete(&app, "idle connections", |_| String::new(), "", Pace::Stopped).await;
}
