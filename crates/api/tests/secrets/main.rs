//! Personal data and secrets must not appear in a log, response, metric or trace, in every failure.
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "../binary/mod.rs"]
mod binary;
mod monitored_server;
mod rejected_requests;
mod secret_files;

use futures_util::StreamExt;
use macro_rules_attribute::apply;
use monitored_server::{MonitoredServer, create_guest};
use rejected_requests::rejected_requests;
use serde_json::json;
use tests::{Backend, Socket, TestApp, a_workshop, in_time, on_each_database};

/// Part of everything that these tests enter: no output may contain it.
pub(crate) const MARKER: &str = "Quetzalcoatl";

#[apply(on_each_database)]
async fn input_of_rejected_requests_is_in_no_output(app: TestApp) {
    let workshop = app.given(a_workshop()).await;
    let mut server = MonitoredServer::start(&app).await;
    assert!(server.post(&create_guest("@example.org", "", "-1")).contains(r#""__typename":"Guest""#));
    for body in rejected_requests(&workshop.id) {
        let response = server.post(&body);
        assert!(!response.contains(MARKER), "{body:#}\n{response}");
    }
    let published = server.stop_and_check();
    assert!(published.span_names.iter().any(|name| name == "mutation createGuest"));
}

#[apply(on_each_database)]
async fn input_is_in_no_output_when_the_database_fails(app: TestApp) {
    let mut server = MonitoredServer::start(&app).await;
    assert!(server.post(&create_guest("@example.org", "", "-1")).contains(r#""__typename":"Guest""#));

    // A constraint that no rule of the domain knows.
    app.database.execute("CREATE UNIQUE INDEX unknown_to_rules ON guests (family_name)").await.unwrap();
    assert!(server.post(&create_guest("@example.net", "", "-3")).contains("INTERNAL_SERVER_ERROR"));

    // A database error whose message contains input.
    if app.backend() == Backend::Postgres {
        let raise = "CREATE FUNCTION raise() RETURNS trigger AS
            'BEGIN RAISE EXCEPTION ''% is taken'', NEW.email USING DETAIL = NEW.email; END' LANGUAGE plpgsql";
        app.database.execute(raise).await.unwrap();
        let on_insert = "CREATE TRIGGER raise BEFORE INSERT ON guests FOR EACH ROW EXECUTE FUNCTION raise()";
        app.database.execute(on_insert).await.unwrap();
        assert!(server.post(&create_guest("@example.com", "-raised", "-4")).contains("INTERNAL_SERVER_ERROR"));
    }

    // A missing table.
    app.database.execute("ALTER TABLE guests RENAME TO gone").await.unwrap();
    let search = json!({ "query": format!("{{ guests(filter: {{ text: \"{MARKER}\" }}) {{ nodes {{ id }} }} }}") });
    assert!(server.post(&search).contains("errors"));

    // Closed connections.
    if app.backend() == Backend::Postgres {
        let terminate = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
            WHERE datname = current_database() AND pid <> pg_backend_pid()";
        app.database.execute(terminate).await.unwrap();
        server.post(&create_guest("@example.com", "-cut", "-5"));
    }

    let published = server.stop_and_check();
    let sample = "atelier_operations_total{operation=\"createGuest\",outcome=\"INTERNAL_SERVER_ERROR\"}";
    assert!(published.metrics.contains(sample));
    assert!(published.span_names.iter().any(|name| name == "mutation createGuest"));
    let faults = match app.backend() {
        Backend::Postgres => ["23505, table guests, constraint unknown_to_rules", "P0001", "42P01"],
        Backend::Sqlite => ["2067", "guests.family_name", "no such table"],
    };
    for fault in faults {
        assert!(published.log.contains(fault), "{fault} is not in the log:\n{}", published.log);
    }
}

#[apply(on_each_database)]
async fn malformed_http_requests_and_credentials_are_in_no_output(app: TestApp) {
    let mut server = MonitoredServer::start(&app).await;
    let json = "content-type: application/json\r\n";
    server.send("POST /graphql", json, &format!("{{\"query\": \"{MARKER}"));
    for scheme in ["apikey", "ApiKey", "bearer", "Bearer", "basic", "nonsense"] {
        let headers = format!("{json}authorization: {scheme} {MARKER}.{MARKER}.{MARKER}\r\n");
        server.send("POST /graphql", &headers, r#"{"query":"{ viewer { __typename } }"}"#);
    }
    server.send("POST /graphql", &format!("content-type: {MARKER}\r\naccept: {MARKER}\r\n"), "");
    server.send(&format!("GET /graphql?query=%7B__typename%7D&variables=%7B%22a%22:%22{MARKER}%22%7D"), "", "");
    server.send(&format!("GET /graphql?query={MARKER}&{MARKER}={MARKER}"), "", "");
    for path in ["/graphql", "/v1/workshops", "/health"] {
        server.send(&format!("{MARKER} {path}"), "", "");
    }
    server.send(&format!("GET /{MARKER}?{MARKER}"), &format!("origin: http://{MARKER}\r\n"), "");
    server.send(&format!("GET /playground/assets/{MARKER}"), &format!("x-request-id: {MARKER} \"\r\n"), "");
    server.stop_and_check();
}

#[apply(on_each_database)]
async fn messages_on_a_websocket_are_in_no_output(app: TestApp) {
    let mut server = MonitoredServer::start(&app).await;
    let address = server.server.address.parse().unwrap();
    let mut socket = Socket::open_at(address).await;
    socket
        .send_json(&json!({ "type": "connection_init", "payload": { "authorization": format!("bearer {MARKER}") } }))
        .await;
    server.responses.push(format!("{:?}", in_time(socket.0.next()).await));

    let mut socket = Socket::acknowledged_at(address).await;
    let query = "query ($a: Int) { guests(first: $a) { totalCount } }";
    socket.subscribe("1", &json!({ "query": query, "variables": { "a": MARKER } })).await;
    server.responses.push(socket.receive().await.to_string());
    socket.send_json(&json!({ "type": MARKER, "payload": MARKER })).await;
    server.responses.push(format!("{:?}", in_time(socket.0.next()).await));
    server.stop_and_check();
}
