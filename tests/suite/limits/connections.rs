//! The timeouts of connections, and the limits of what arrives on them.

use std::{net::SocketAddr, time::Duration};

use api::Limits;
use futures_util::StreamExt;
use macro_rules_attribute::apply;
use serde_json::json;
use tests::{Socket, TestApp, a_workshop, connect_with_small_buffer, in_time, on_each_database};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
    time::interval,
};
use tokio_tungstenite::tungstenite::Message;

const SHORT: Duration = Duration::from_millis(50);
/// The time between two bytes of a client that is slow on purpose.
const PACE: Duration = Duration::from_millis(5);

const QUERY: &str = r#"{"query":"{ __typename }"}"#;

/// A server with these limits, and its address.
pub(super) async fn listening(app: &TestApp, limits: Limits) -> (TestApp, SocketAddr) {
    let app = app.another_with_limits(limits).await;
    let address = app.listen().await;
    (app, address)
}

pub(super) async fn connect(address: SocketAddr, text: &str) -> TcpStream {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(text.as_bytes()).await.unwrap();
    stream
}

/// The head of a posted request with these headers.
pub(super) fn head(headers: &str) -> String {
    format!("POST /graphql HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\n{headers}\r\n\r\n")
}

/// The rest of what the server sends before it closes the connection. A server that closes it without reading everything
/// resets it.
pub(super) async fn rest(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    let _ = in_time(stream.read_to_end(&mut bytes)).await;
    String::from_utf8(bytes).unwrap()
}

/// Sends the same bytes again and again, slowly, until the server sends `end` or closes the connection. Returns what it has
/// sent.
pub(super) async fn trickle(mut stream: TcpStream, repeated: &[u8], end: &str) -> String {
    let mut pace = interval(PACE);
    let mut text = String::new();
    in_time(async {
        loop {
            pace.tick().await;
            let mut bytes = [0; 1024];
            match stream.try_read(&mut bytes) {
                Ok(count) if count > 0 => text.push_str(&String::from_utf8_lossy(&bytes[..count])),
                Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {}
                _ => return,
            }
            if text.contains(end) || stream.write_all(repeated).await.is_err() {
                return;
            }
        }
    })
    .await;
    text
}

/// Sends a request and reads its response, on a connection that stays open.
pub(super) async fn request(stream: &mut TcpStream, request: &str) -> String {
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut response = String::new();
    while !response.ends_with('}') {
        let mut bytes = [0; 4096];
        let count = in_time(stream.read(&mut bytes)).await.unwrap();
        assert!(count > 0, "the connection was closed after {response:?}");
        response.push_str(std::str::from_utf8(&bytes[..count]).unwrap());
    }
    response
}

pub(super) fn get(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nhost: a\r\n\r\n")
}

pub(super) fn query(headers: &str) -> String {
    head(&format!("content-length: {}{headers}", QUERY.len())) + QUERY
}

#[apply(on_each_database)]
async fn headers_must_arrive_in_time(app: TestApp) {
    let (app, address) = listening(&app, Limits { request_header_timeout: SHORT, ..Limits::default() }).await;
    let mut stopped = connect(address, "GET /health HTTP/1.1\r\nhost: a\r\n").await;
    assert!(rest(&mut stopped).await.starts_with("HTTP/1.1 408 Request Timeout\r\n"));
    let slow = connect(address, "GET /health HTTP/1.1\r\nx: ").await;
    assert!(trickle(slow, b"x", "\r\n\r\n").await.starts_with("HTTP/1.1 408 Request Timeout\r\n"));
    let mut silent = connect(address, "").await;
    assert_eq!(rest(&mut silent).await, "", "no request has begun");
    assert_eq!(app.count("atelier_connections_closed_total{reason=\"header_timeout\"}"), 2);
    assert_eq!(app.count("atelier_connections_closed_total{reason=\"keep_alive_timeout\"}"), 1);
}

#[apply(on_each_database)]
async fn a_body_must_arrive_in_time(app: TestApp) {
    let limits = Limits { request_body_timeout: SHORT, min_transfer_rate: 1_000_000, ..Limits::default() };
    let (_app, address) = listening(&app, limits).await;
    let mut stopped = connect(address, &(head("content-length: 1000") + "{")).await;
    let response = rest(&mut stopped).await;
    assert!(response.starts_with("HTTP/1.1 408 Request Timeout\r\n"), "{response}");
    assert!(response.contains("did not arrive within 0.05 s") && response.contains("BAD_REQUEST"), "{response}");
    for (headers, byte) in [("content-length: 1000", "{"), ("transfer-encoding: chunked", "1\r\n{\r\n")] {
        let slow = connect(address, &(head(headers) + byte)).await;
        let response = trickle(slow, byte.as_bytes(), "}").await;
        assert!(response.starts_with("HTTP/1.1 408 Request Timeout\r\n"), "{headers}: {response}");
    }
    let mut rest_call = connect(address, "POST /v1/workshops/1/registrations HTTP/1.1\r\nhost: a\r\n").await;
    rest_call.write_all(b"content-length: 9\r\n\r\n").await.unwrap();
    let response = rest(&mut rest_call).await;
    assert!(response.starts_with("HTTP/1.1 408 ") && response.contains("\"code\":2408"), "{response}");
}

#[apply(on_each_database)]
async fn a_slow_body_gets_the_time_that_the_minimum_rate_allows(app: TestApp) {
    let limits = Limits { request_body_timeout: SHORT, min_transfer_rate: 1, ..Limits::default() };
    let (_app, address) = listening(&app, limits).await;
    let body = format!("{QUERY}{}", " ".repeat(20));
    let mut stream = connect(address, &(head(&format!("content-length: {}", body.len())) + QUERY)).await;
    let mut pace = interval(PACE);
    for byte in &body.as_bytes()[QUERY.len()..] {
        pace.tick().await;
        stream.write_all(&[*byte]).await.unwrap();
    }
    assert!(request(&mut stream, "").await.contains("\"__typename\":\"Query\""));
}

#[apply(on_each_database)]
async fn an_idle_connection_has_its_own_timeout(app: TestApp) {
    let limits = Limits { keep_alive_timeout: SHORT, ..Limits::default() };
    let (_brief, address) = listening(&app, limits).await;
    let mut stream = connect(address, "").await;
    request(&mut stream, &query("")).await;
    assert_eq!(rest(&mut stream).await, "");

    let limits = Limits { request_header_timeout: Duration::from_secs(1), ..Limits::default() };
    let (_patient, address) = listening(&app, limits).await;
    let mut stream = connect(address, "").await;
    request(&mut stream, &query("")).await;
    // Longer than the timeout of headers, which begins with the first byte of a request.
    let mut pace = interval(Duration::from_millis(1_100));
    pace.tick().await;
    pace.tick().await;
    request(&mut stream, &query("")).await;
}

#[apply(on_each_database)]
async fn timeouts_of_requests_do_not_affect_long_responses(app: TestApp) {
    let second = Duration::from_secs(1);
    let limits = Limits {
        request_header_timeout: second,
        request_body_timeout: second,
        keep_alive_timeout: second,
        websocket_ping_interval: second / 4,
        ..Limits::default()
    };
    let (app, address) = listening(&app, limits).await;
    let subscription = json!({ "query": "subscription { changes { cursor } }" });
    let mut socket = Socket::acknowledged_at(address).await;
    socket.subscribe("1", &subscription).await;
    let body = subscription.to_string();
    let headers = format!("accept: text/event-stream\r\ncontent-length: {}", body.len());
    let mut events = connect(address, &(head(&headers) + &body)).await;
    let pings = async {
        for _ in 0..6 {
            assert!(matches!(in_time(socket.0.next()).await, Some(Ok(Message::Ping(_)))));
        }
    };
    let comments = async {
        let (mut comments, mut bytes) = (0, [0; 1024]);
        while comments < 6 {
            let count = in_time(events.read(&mut bytes)).await.unwrap();
            assert!(count > 0, "the stream has ended");
            comments += String::from_utf8_lossy(&bytes[..count]).matches(":\n\n").count();
        }
    };
    tokio::join!(pings, comments);
    socket.assert_open().await;
    app.wait_for_count("atelier_busy_connections", 1).await;
}

#[apply(on_each_database)]
async fn a_body_in_tiny_chunks_takes_no_more_memory_than_its_bytes(app: TestApp) {
    let (_app, address) = listening(&app, Limits::default()).await;
    let chunked =
        |text: &str| text.chars().map(|letter| format!("1\r\n{letter}\r\n")).collect::<Vec<_>>().concat() + "0\r\n\r\n";
    let request_text = head("transfer-encoding: chunked") + &chunked(QUERY);
    assert!(request(&mut connect(address, "").await, &request_text).await.contains("\"__typename\":\"Query\""));
    let long = head("transfer-encoding: chunked") + &chunked(&" ".repeat(256 * 1024 + 1));
    let (mut reader, mut writer) = connect(address, "").await.into_split();
    let sending = async { drop(writer.write_all(long.as_bytes()).await) };
    let receiving = async {
        let mut bytes = [0; 13];
        in_time(reader.read_exact(&mut bytes)).await.unwrap();
        assert_eq!(&bytes, b"HTTP/1.1 413 ");
    };
    tokio::join!(sending, receiving);
}

/// The length of the response to [`long_response`], without its headers.
const LONG: usize = 20 * 160_000;

/// A workshop with a long title, and a request whose response has twenty times the title.
async fn long_response(app: &TestApp) -> String {
    let workshop = app.given(a_workshop().title(&"long".repeat(40_000))).await;
    let title = |number| format!("a{number}: workshop(id: \"{}\") {{ title }} ", workshop.id);
    let titles = (0..20).map(title).collect::<Vec<_>>().concat();
    let body = json!({ "query": format!("{{ {titles} }}") }).to_string();
    head(&format!("content-length: {}", body.len())) + &body
}

#[apply(on_each_database)]
async fn a_long_response_is_complete_though_its_client_pauses(app: TestApp) {
    let request = long_response(&app).await;
    let app = app.another_with_limits(Limits { keep_alive_timeout: SHORT, ..Limits::default() }).await;
    let mut stream = connect_with_small_buffer(&app).await;
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut pause = interval(4 * SHORT);
    stream.read_exact(&mut [0; 12]).await.unwrap();
    pause.tick().await;
    pause.tick().await;
    assert!(rest(&mut stream).await.len() > LONG);
}

#[apply(on_each_database)]
async fn a_client_that_reads_a_response_too_slowly_is_disconnected(app: TestApp) {
    let request = long_response(&app).await;
    let limits = Limits { websocket_write_timeout: SHORT, min_transfer_rate: 1_000_000, ..Limits::default() };
    let app = app.another_with_limits(limits).await;
    let mut stream = connect_with_small_buffer(&app).await;
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut pace = interval(PACE);
    let (mut received, mut bytes) = (0, [0; 1024]);
    in_time(async {
        while let Ok(count @ 1..) = stream.read(&mut bytes).await {
            received += count;
            pace.tick().await;
        }
    })
    .await;
    assert!(received < LONG, "{received}");
    assert_eq!(app.count("atelier_connections_closed_total{reason=\"write_timeout\"}"), 1);
}

#[apply(on_each_database)]
async fn unread_responses_have_a_quota_of_memory(app: TestApp) {
    let request = long_response(&app).await;
    let (app, address) = listening(&app, app.limits()).await;
    let mut streams = Vec::new();
    // 32 MiB are ten responses, and the system keeps a part of each.
    for _ in 0..40 {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(4096).unwrap();
        let mut stream = socket.connect(address).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        streams.push(stream);
    }
    let mut statuses = Vec::new();
    for stream in &mut streams {
        let mut status = [0; 12];
        in_time(stream.read_exact(&mut status)).await.unwrap();
        statuses.push(status);
    }
    assert!(statuses.contains(b"HTTP/1.1 200") && statuses.contains(b"HTTP/1.1 503"), "{statuses:?}");
    drop(streams);
    app.wait_for_count("atelier_busy_connections", 0).await;
    assert!(request_on_new_connection(address).await.contains("\"__typename\":\"Query\""));
}

async fn request_on_new_connection(address: SocketAddr) -> String {
    request(&mut connect(address, "").await, &query("")).await
}

#[apply(on_each_database)]
async fn headers_have_a_maximum_size(app: TestApp) {
    let (_app, address) = listening(&app, Limits::default()).await;
    let mut long = connect(address, "").await;
    let header = format!("GET /health HTTP/1.1\r\nhost: a\r\nx: {}\r\n", "x".repeat(200_000));
    let _ = long.write_all(header.as_bytes()).await;
    let response = rest(&mut long).await;
    assert!(response.is_empty() || response.starts_with("HTTP/1.1 431 "), "{response}");
}
