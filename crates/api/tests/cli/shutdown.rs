//! A graceful shutdown after a signal.

use std::{
    io::{Read, Write},
    net::TcpStream,
};

use macro_rules_attribute::apply;
use serde_json::json;
use tests::{REGISTER, TestApp, a_workshop, admin, on_each_database};

use crate::binary::Server;

#[apply(on_each_database)]
async fn a_server_exits_with_code_0_after_a_signal(app: TestApp) {
    for signal in ["TERM", "INT"] {
        let mut server = Server::start(&["serve", "--database-url", &app.database.url]);
        assert!(server.get("/ready").unwrap().contains("ready"));
        // An idle connection does not delay the shutdown.
        let _idle = TcpStream::connect(&server.address).unwrap();
        server.signal(signal);
        assert_eq!(server.process.wait().unwrap().code(), Some(0), "{signal}");
    }
}

#[apply(on_each_database)]
async fn an_event_stream_ends_when_the_server_stops(app: TestApp) {
    let workshop = app.given(a_workshop()).await;
    let mut server = Server::start(&["serve", "--database-url", &app.database.url]);
    let query = format!("subscription%7BworkshopSeats(workshopId:%22{}%22)%7BseatsTaken%7D%7D", workshop.id);
    let mut stream = server.subscribe(&query).unwrap();
    server.signal("TERM");
    let mut rest = String::new();
    stream.read_to_string(&mut rest).unwrap();
    assert!(rest.ends_with("0\r\n\r\n"), "the stream ends with a last chunk: {rest:?}");
    assert!(!rest.contains("complete"), "without `complete`, the client reconnects");
    assert_eq!(server.process.wait().unwrap().code(), Some(0));
}

#[test]
fn a_stopped_server_leaves_the_whole_database_in_its_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.db");
    let mut server = Server::start(&["serve", "--database-url", &format!("sqlite:{}", file.display())]);
    server.signal("TERM");
    assert!(server.process.wait().unwrap().success());
    let names: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names, ["a.db"]);
}

#[apply(on_each_database)]
async fn a_request_in_progress_is_answered_before_the_server_stops(app: TestApp) {
    let workshop = app.given(a_workshop().window(None, None)).await;
    let input = app.input(&workshop, "ann").await;
    let body = json!({ "query": REGISTER, "variables": { "workshopId": workshop.id, "input": input } }).to_string();
    let key = app.key(admin()).await;
    let mut server = Server::start(&["serve", "--database-url", &app.database.url]).with_api_key(&key);
    let lock = app.database.block_writes().await;
    let mut connection = server.begin_post(&body).unwrap();
    server.signal("TERM");
    lock.rollback().await;
    let mut response = String::new();
    connection.read_to_string(&mut response).unwrap();
    assert!(response.contains("REGISTERED"), "{response}");
    assert_eq!(server.process.wait().unwrap().code(), Some(0));
}

#[test]
fn requests_that_wait_when_the_server_stops_are_answered() {
    let mut server = Server::start(&["demo"]);
    // The system accepts connections and their bytes for a suspended server, which then finds them all together with the
    // signal.
    server.signal("STOP");
    let request = format!("GET /health HTTP/1.1\r\nhost: {}\r\n\r\n", server.address);
    let connect = |_| {
        let mut connection = TcpStream::connect(&server.address).unwrap();
        connection.write_all(request.as_bytes()).unwrap();
        connection
    };
    let connections: Vec<_> = (0..500).map(connect).collect();
    server.signal("INT");
    server.signal("CONT");
    for (number, mut connection) in connections.into_iter().enumerate() {
        let mut response = String::new();
        connection.read_to_string(&mut response).unwrap_or_else(|error| panic!("request {number}: {error}"));
        assert!(response.starts_with("HTTP/1.1 200 "), "request {number}: {response:?}");
    }
    assert_eq!(server.process.wait().unwrap().code(), Some(0));
}
