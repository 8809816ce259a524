//! More connections than the server has room for: who finds a place.

use api::Limits;
use macro_rules_attribute::apply;
use tests::{Socket, TestApp, in_time, on_each_database};
use tokio::io::AsyncWriteExt;

use super::connections::{connect, get, head, listening, query, request, rest};

#[apply(on_each_database)]
async fn incomplete_requests_give_way_to_other_clients(app: TestApp) {
    let (app, address) = listening(&app, Limits { max_connections: 10, ..Limits::default() }).await;
    let mut incomplete = Vec::new();
    for _ in 0..200 {
        incomplete.push(connect(address, "GET /health HTTP/1.1\r\nhost: a\r\n").await);
        incomplete.push(connect(address, "").await);
    }
    for path in ["/health", "/ready"] {
        assert!(request(&mut connect(address, "").await, &get(path)).await.starts_with("HTTP/1.1 200 "), "{path}");
    }
    let mut honest = connect(address, "").await;
    for _ in 0..3 {
        assert!(request(&mut honest, &query("")).await.contains("\"__typename\":\"Query\""));
    }
    assert_eq!(rest(&mut incomplete[0]).await, "", "the oldest one has given way");
    assert!(app.count("atelier_connections") <= 74);
    app.wait_for_metric("atelier_connections_closed_total{reason=\"replaced\"}", |closed| closed >= 320.0).await;
}

#[apply(on_each_database)]
async fn probes_are_answered_while_all_connections_are_busy(app: TestApp) {
    let (app, address) = listening(&app, Limits { max_connections: 3, ..Limits::default() }).await;
    let socket = Socket::acknowledged_at(address).await;
    let mut bodies = Vec::new();
    for _ in 0..20 {
        bodies.push(connect(address, &head("content-length: 1000")).await);
    }
    app.wait_for_count("atelier_busy_connections", 3).await;
    for path in ["/health", "/ready"] {
        assert!(request(&mut connect(address, "").await, &get(path)).await.starts_with("HTTP/1.1 200 "), "{path}");
    }
    let mut refused = connect(address, "").await;
    let response = request(&mut refused, &query("")).await;
    assert!(response.starts_with("HTTP/1.1 503 ") && response.contains("retry-after: 1\r\n"), "{response}");
    assert!(response.contains("OVERLOADED") && response.contains("limit of busy connections"), "{response}");
    drop((socket.assert_open().await, bodies));
    app.wait_for_count("atelier_busy_connections", 0).await;
    assert!(request(&mut refused, &query("")).await.contains("\"__typename\":\"Query\""));
}

#[apply(on_each_database)]
async fn an_address_has_a_quota_of_connections(app: TestApp) {
    let (app, address) = listening(&app, Limits { connections_per_address: 2, ..Limits::default() }).await;
    let mut idle = connect(address, "").await;
    request(&mut idle, &query("")).await;
    let first = Socket::acknowledged_at(address).await;
    let second = Socket::acknowledged_at(address).await;
    assert_eq!(rest(&mut idle).await, "", "the idle connection gives way");
    assert_eq!(rest(&mut connect(address, "").await).await, "", "all connections of the address are busy");
    assert_eq!(app.count("atelier_connections_closed_total{reason=\"rejected\"}"), 1);
    drop(first.assert_open().await);
    app.wait_for_count("atelier_connections", 1).await;
    request(&mut connect(address, "").await, &query("")).await;
    second.assert_open().await;
}

#[apply(on_each_database)]
async fn behind_a_proxy_the_quota_belongs_to_the_address_of_the_client(app: TestApp) {
    let limits = Limits { trusted_proxies: 1, connections_per_address: 1, ..Limits::default() };
    let (app, address) = listening(&app, limits).await;
    let slow = |client: &str| head(&format!("content-length: 1000\r\nx-forwarded-for: {client}"));
    let _first = connect(address, &slow("2001:db8::1")).await;
    app.wait_for_count("atelier_busy_connections", 1).await;
    let refused = request(&mut connect(address, "").await, &query("\r\nx-forwarded-for: 2001:db8::2")).await;
    assert!(refused.starts_with("HTTP/1.1 429 ") && refused.contains("retry-after: 1\r\n"), "{refused}");
    assert!(refused.contains("RATE_LIMITED") && refused.contains("limit of 1 busy connections"), "{refused}");
    // Proxies have many connections, and each serves several clients.
    let mut proxy = connect(address, "").await;
    for client in ["2001:db8:0:1::1", "192.0.2.1", "192.0.2.2"] {
        let response = request(&mut proxy, &query(&format!("\r\nx-forwarded-for: {client}"))).await;
        assert!(response.starts_with("HTTP/1.1 200 "), "{client}: {response}");
    }
}

#[apply(on_each_database)]
async fn arriving_bodies_have_a_quota_of_memory(app: TestApp) {
    const BODY: usize = 64 * 1024;
    let (_app, address) = listening(&app, Limits { body: BODY, ..Limits::default() }).await;
    let part = head(&format!("content-length: {BODY}")) + &" ".repeat(BODY - 1);
    let mut streams = Vec::new();
    // More than the 16 MiB of one caller.
    for _ in 0..300 {
        let mut stream = connect(address, "").await;
        let _ = stream.write_all(part.as_bytes()).await;
        streams.push(stream);
    }
    in_time(async {
        let mut status = [0; 12];
        while !streams.iter().any(|stream| stream.try_read(&mut status).is_ok()) {
            tokio::task::yield_now().await;
        }
        assert_eq!(&status, b"HTTP/1.1 429");
    })
    .await;
}
