//! What must stand in no log, no error, no metric and no trace, whatever goes wrong: what people entered, and what opens doors.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod binary;

use std::fs;

use binary::{Server, atelier, collector::Collector, get, metrics_address, run, text};
use futures_util::StreamExt;
use macro_rules_attribute::apply;
use serde_json::{Value, json};
use tests::{Backend, Socket, TestApp, a_workshop, admin, in_time, on_each_database};

/// Stands in everything that is entered here.
const MARKER: &str = "Quetzalcoatl";

const CREATE_GUEST: &str = "mutation ($input: GuestInput!) {
    createGuest(input: $input) { __typename ... on Problem { message } ... on InputInvalid { fields { field message } } } }";
const REGISTER: &str = "mutation ($workshopId: ID!, $input: RegisterGuestInput!) {
    registerGuest(workshopId: $workshopId, input: $input) { __typename ... on Problem { message } } }";

fn guest(email: &str, family_name: &str, external_id: &str) -> Value {
    let named = |rest: &str| format!("{MARKER}{rest}");
    json!({ "givenName": MARKER, "familyName": named(family_name), "email": named(email), "externalId": named(external_id) })
}

/// Requests that are refused, or answered with a problem, each for a reason of its own.
fn refused(workshop: &str) -> Vec<Value> {
    let register = |input: Value| json!({ "query": REGISTER, "variables": { "workshopId": workshop, "input": input } });
    let create = |input: Value| json!({ "query": CREATE_GUEST, "variables": { "input": input } });
    let page = |variables: Value| {
        let query = "query ($first: Int, $after: String, $filter: GuestFilter) {
            guests(first: $first, after: $after, filter: $filter) { totalCount } }";
        json!({ "query": query, "variables": variables })
    };
    let literally = |query: String| json!({ "query": query });
    vec![
        create(guest(" is no address", "", "-2")),
        create(guest("@example.org", "", "-1")),
        create(json!({ "givenName": MARKER, "unknown": MARKER })),
        create(json!(MARKER)),
        register(json!({ "trackId": MARKER, "guestId": MARKER, "centerId": MARKER, "idempotencyKey": MARKER })),
        register(json!({ "trackId": 1, "guestId": MARKER, "centerId": MARKER, "idempotencyKey": MARKER.repeat(30) })),
        page(json!({ "first": MARKER })),
        page(json!({ "after": MARKER })),
        page(json!({ "filter": { "unknown": MARKER } })),
        page(json!({ "filter": { "text": [[MARKER]] } })),
        literally(format!("{{ guests(first: \"{MARKER}\") {{ totalCount }} }}")),
        literally(format!("{{ workshop(id: \"{MARKER}\") {{ id }} node(id: \"gst_{MARKER}\") {{ id }} }}")),
        literally(format!("{{ registration(id: \"{MARKER}")),
        literally(format!(
            "mutation {{ cancelRegistration(registrationId: \"{MARKER}\", reason: \"{MARKER}\") {{ __typename }} }}"
        )),
        json!({ "query": "{ __typename }", "variables": MARKER }),
        json!({ "query": "{ __typename }", "extensions": { "persistedQuery": MARKER } }),
        json!({ "documentId": MARKER }),
    ]
}

#[apply(on_each_database)]
async fn what_people_enter_is_in_no_log_no_error_no_metric_and_no_trace(app: TestApp) {
    let workshop = app.given(a_workshop()).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("log");
    // The cluster of the tests takes any password.
    let url = app.database.url.replace("atelier@", &format!("atelier:{MARKER}@"));
    let collector = Collector::start().await;
    let endpoint = collector.endpoint();
    let arguments = [
        "serve",
        "--metrics-listen",
        "127.0.0.1:0",
        "--otlp-endpoint",
        &endpoint,
        "--database-url",
        &url,
        "--log",
        "debug,api=trace,persistence=trace,domain=trace",
        "--log-format",
        "json",
    ];
    let key = app.key(admin()).await;
    let mut server = Server::start_with_log(&arguments, fs::File::create(&file).unwrap()).client_with_access(&key);
    let mut told = Vec::new();
    let mut answers = Vec::new();
    let mut post = |body: &Value| {
        let answer = server.post(&body.to_string()).unwrap();
        answers.push(answer.clone());
        answer
    };
    let create = |email: &str, family_name: &str, external_id: &str| json!({ "query": CREATE_GUEST, "variables": { "input": guest(email, family_name, external_id) } });

    assert!(post(&create("@example.org", "", "-1")).contains(r#""__typename":"Guest""#));
    for body in refused(&workshop.id) {
        let answer = post(&body);
        assert!(!answer.contains(MARKER), "{body:#}\n{answer}");
    }

    // Faults: a constraint of which no rule knows, a table that is not there, connections that are cut.
    app.database.execute("CREATE UNIQUE INDEX unknown_to_rules ON guests (family_name)").await.unwrap();
    assert!(post(&create("@example.net", "", "-3")).contains("INTERNAL_SERVER_ERROR"));
    if app.backend() == Backend::Postgres {
        let raise = "CREATE FUNCTION raise() RETURNS trigger AS
            'BEGIN RAISE EXCEPTION ''% is taken'', NEW.email USING DETAIL = NEW.email; END' LANGUAGE plpgsql";
        app.database.execute(raise).await.unwrap();
        let on_insert = "CREATE TRIGGER raise BEFORE INSERT ON guests FOR EACH ROW EXECUTE FUNCTION raise()";
        app.database.execute(on_insert).await.unwrap();
        assert!(post(&create("@example.com", "-raised", "-4")).contains("INTERNAL_SERVER_ERROR"));
    }
    app.database.execute("ALTER TABLE guests RENAME TO gone").await.unwrap();
    let search = json!({ "query": format!("{{ guests(filter: {{ text: \"{MARKER}\" }}) {{ nodes {{ id }} }} }}") });
    assert!(post(&search).contains("errors"));
    if app.backend() == Backend::Postgres {
        let cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
            WHERE datname = current_database() AND pid <> pg_backend_pid()";
        app.database.execute(cut).await.unwrap();
        post(&create("@example.com", "-cut", "-5"));
    }

    // What is not JSON, and what comes elsewhere than in a body.
    let mut ask = |head: &str, headers: &str, body: &str| {
        let length = body.len();
        let request = format!(
            "{head} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\ncontent-length: {length}\r\n{headers}\r\n{body}",
            server.address
        );
        let answer = server.request(&request).unwrap();
        assert!(answer.starts_with("HTTP/1.1 ") && !answer.contains(MARKER), "{answer}");
        told.push(answer);
    };
    let json = "content-type: application/json\r\n";
    ask("POST /graphql", json, &format!("{{\"query\": \"{MARKER}"));
    for credentials in ["apikey", "ApiKey", "bearer", "Bearer", "basic", "nonsense"] {
        let headers = format!("{json}authorization: {credentials} {MARKER}.{MARKER}.{MARKER}\r\n");
        ask("POST /graphql", &headers, r#"{"query":"{ viewer { __typename } }"}"#);
    }
    ask("POST /graphql", &format!("content-type: {MARKER}\r\naccept: {MARKER}\r\n"), "");
    ask(&format!("GET /graphql?query=%7B__typename%7D&variables=%7B%22a%22:%22{MARKER}%22%7D"), "", "");
    ask(&format!("GET /graphql?query={MARKER}&{MARKER}={MARKER}"), "", "");
    ask(&format!("GET /{MARKER}?{MARKER}"), &format!("origin: http://{MARKER}\r\n"), "");
    ask(&format!("GET /playground/assets/{MARKER}"), &format!("x-request-id: {MARKER} \"\r\n"), "");

    let address = server.address.parse().unwrap();
    let mut socket = Socket::open_at(address).await;
    socket
        .send_json(&json!({ "type": "connection_init", "payload": { "authorization": format!("bearer {MARKER}") } }))
        .await;
    told.push(format!("{:?}", in_time(socket.0.next()).await));
    let mut socket = Socket::acknowledged_at(address).await;
    socket
        .subscribe(
            "1",
            &json!({ "query": "query ($a: Int) { guests(first: $a) { totalCount } }", "variables": { "a": MARKER } }),
        )
        .await;
    told.push(socket.receive().await.to_string());
    socket.send_json(&json!({ "type": MARKER, "payload": MARKER })).await;
    told.push(format!("{:?}", in_time(socket.0.next()).await));

    let metrics = metrics_address(&file).unwrap();
    let metrics = get(&metrics, "/metrics", &metrics);
    assert!(metrics.contains("atelier_operations_total{operation=\"createGuest\",outcome=\"INTERNAL_SERVER_ERROR\"}"));
    server.signal("TERM");
    server.process.wait().unwrap();
    assert!(collector.spans().iter().any(|span| span.name == "mutation createGuest"));
    assert!(!collector.was_told(MARKER) && !metrics.contains(MARKER));
    let log = fs::read_to_string(&file).unwrap();
    let faults = match app.backend() {
        Backend::Postgres => ["23505, table guests, constraint unknown_to_rules", "P0001", "42P01"],
        Backend::Sqlite => ["2067", "guests.family_name", "no such table"],
    };
    for expected in faults.iter().chain(&["answered"]) {
        assert!(log.contains(expected), "{expected} is not in the log:\n{log}");
    }
    for text in log.lines().chain(answers.iter().chain(&told).map(String::as_str)) {
        assert!(!text.contains(MARKER), "{text}");
    }
    let secret = key.text.strip_prefix(&key.prefix).unwrap();
    assert!(secret.len() > 30 && !log.contains(secret), "the key that was used is in the log");
    assert!(!collector.was_told(secret) && !metrics.contains(secret));
}

#[test]
fn a_secret_can_come_in_a_file_and_what_is_wrong_with_it_is_told_without_it() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, holds: &str| {
        let path = folder.path().join(name);
        fs::write(&path, holds).unwrap();
        path.display().to_string()
    };
    let database = format!("sqlite:{}\r\n", folder.path().join("a.db").display());
    let good = file("good", &database);
    assert!(run(&["migrate", "up", "--database-url-file", &good]).status.success());
    let by_variable = atelier(&["doctor"]).env("DATABASE_URL_FILE", &good).output().unwrap();
    assert!(by_variable.status.success(), "{}", text(&by_variable.stderr));

    let missing = folder.path().join("missing").display().to_string();
    let wrong = [
        (missing, "No such file"),
        (file("empty", "\n"), "empty"),
        (file("wrong", &format!("mysql://{MARKER}")), "--database-url"),
        (file("port", &format!("postgres://atelier:{MARKER}@127.0.0.1:{MARKER}/a")), "--database-url"),
    ];
    for (file, why) in wrong {
        let output = run(&["doctor", "--database-url-file", &file]);
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains(why) && !said.contains(MARKER), "{said}");
    }
    let both =
        atelier(&["doctor", "--database-url", &format!("sqlite:{MARKER}")]).env("DATABASE_URL_FILE", good).output();
    let both = both.unwrap();
    assert_eq!(both.status.code(), Some(2), "it is said twice");
    assert!(!text(&both.stderr).contains(MARKER));
    let unreachable = format!("postgres://atelier:{MARKER}@127.0.0.1:1/a?nonsense={MARKER}");
    let unreachable = run(&["doctor", "--database-url", &unreachable, "--log", "trace"]);
    assert_eq!(unreachable.status.code(), Some(1));
    assert!(!text(&unreachable.stderr).contains(MARKER), "{}", text(&unreachable.stderr));
}
