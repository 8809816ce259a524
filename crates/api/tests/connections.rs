//! Connections of the binary: its flags, and the probes on the port of the metrics.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod binary;

use std::{
    io::{Read, Write},
    net::{Ipv4Addr, TcpStream},
    time::Duration,
};

use binary::{Connection, Server, connect_from, get, metrics_address};
use macro_rules_attribute::apply;
use serde_json::json;
use tempfile::NamedTempFile;
use tests::{TestApp, on_each_database};

fn connect(server: &Server, text: &str) -> TcpStream {
    let mut stream = TcpStream::connect(&server.address).unwrap();
    stream.write_all(text.as_bytes()).unwrap();
    stream
}

#[test]
fn a_part_of_a_request_after_a_complete_one_has_the_timeout_of_headers() {
    let timeouts = ["--request-header-timeout", "1", "--keep-alive-timeout", "60"];
    let server = Server::start(&[&["demo"], &timeouts[..]].concat());
    let request = format!("GET /health HTTP/1.1\r\nhost: {}\r\n\r\n", server.address);
    let mut idle = connect(&server, &request);
    idle.read_exact(&mut [0; 12]).unwrap();
    let mut incomplete = connect(&server, &format!("{request}{request}GET /hea"));
    incomplete.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let mut responses = String::new();
    incomplete.read_to_string(&mut responses).expect("the server closes the connection");
    assert_eq!(responses.matches("HTTP/1.1 200 ").count(), 2, "{responses}");
    assert_eq!(responses.matches("HTTP/1.1 408 ").count(), 1, "{responses}");
    // A connection without a part of a request has been idle for as long, and continues.
    idle.write_all(request.replace("\r\n\r\n", "\r\nconnection: close\r\n\r\n").as_bytes()).unwrap();
    let mut responses = String::new();
    idle.read_to_string(&mut responses).unwrap();
    assert_eq!(responses.matches("HTTP/1.1 200 ").count(), 1, "{responses}");
}

#[test]
fn an_address_has_few_long_heads_of_requests() {
    let server = Server::start(&["demo", "--request-header-timeout", "60"]);
    let begin = format!("GET /health HTTP/1.1\r\nhost: {}\r\n", server.address);
    let long = format!("{begin}x-long: {}", "x".repeat(70 * 1024));
    let mut streams = Vec::new();
    for _ in 0..200 {
        let mut stream = TcpStream::connect(&server.address).unwrap();
        // The server can have closed the connection before it has read all.
        let is_sent = stream.write_all(long.as_bytes()).is_ok();
        stream.set_read_timeout(Some(Duration::from_millis(1))).unwrap();
        streams.push((stream, is_sent));
    }
    // 4 MiB. The first 8 KiB of each head do not count.
    let max_open = 4 * 1024 / (70 - 8) + 1;
    let is_open = |(stream, is_sent): &mut (TcpStream, bool)| {
        let waits = |error: std::io::Error| error.kind() == std::io::ErrorKind::WouldBlock;
        *is_sent && stream.read(&mut [0]).is_err_and(waits)
    };
    let open = loop {
        let open = streams.iter_mut().filter_map(|stream| is_open(stream).then_some(())).count();
        if open <= max_open {
            break open;
        }
    };
    assert!(open > max_open / 2, "only {open} are open");
    let mut short = connect(&server, &format!("{begin}connection: close\r\n\r\n"));
    let mut response = String::new();
    short.read_to_string(&mut response).unwrap();
    assert!(response.starts_with("HTTP/1.1 200 "), "{response}");
}

#[apply(on_each_database)]
async fn incomplete_requests_block_neither_probes_nor_other_clients(app: TestApp) {
    let log = NamedTempFile::new().unwrap();
    let flags = [
        &[
            "serve",
            "--database-url",
            &app.database.url,
            "--max-connections",
            "100",
            "--connections-per-address",
            "1000",
        ][..],
        &["--request-header-timeout", "1", "--request-body-timeout", "1", "--keep-alive-timeout", "1"],
        &["--metrics-listen", "127.0.0.1:0", "--log-format", "json"],
    ];
    let server = Server::start_with_log(&flags.concat(), log.reopen().unwrap());
    let metrics = metrics_address(log.path()).expect("the log has the address of the metrics");
    let mut headers: Vec<_> = (0..100).map(|_| connect(&server, "GET /health HTTP/1.1\r\n")).collect();
    let head = "POST /graphql HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 99\r\n\r\n";
    let bodies: Vec<_> = (0..400).map(|_| connect(&server, head)).collect();
    for path in ["/health", "/ready"] {
        for response in [server.get(path).unwrap(), get(&metrics, path, "localhost")] {
            assert!(response.starts_with("HTTP/1.1 200 "), "{path}: {response}");
        }
    }
    assert!(get(&metrics, "/metrics", "localhost").contains("atelier_connections_closed_total"));
    let stream = connect_from(Ipv4Addr::new(127, 0, 0, 2), &server.address).await.unwrap();
    let mut other = Connection::over(stream, &server.address);
    let response = other.post_as(None, &json!({ "query": "{ __typename }" })).await.unwrap();
    assert_eq!(response.body["data"]["__typename"], "Query", "{response:?}");
    let mut response = String::new();
    // A connection that another one replaced has no response. With bytes that the server has not read, it is reset.
    let is_open = headers.last_mut().unwrap().read_to_string(&mut response).is_ok();
    assert!(!is_open || response.is_empty() || response.starts_with("HTTP/1.1 408 "), "{response}");
    let mut statuses = Vec::new();
    for mut stream in bodies {
        let mut status = [0; 12];
        // So is a connection that found no place.
        if stream.read_exact(&mut status).is_ok() {
            statuses.push(String::from_utf8(status.to_vec()).unwrap());
        }
    }
    for status in ["HTTP/1.1 408", "HTTP/1.1 503"] {
        assert!(statuses.iter().any(|other| other == status), "{status}: {statuses:?}");
    }
}
