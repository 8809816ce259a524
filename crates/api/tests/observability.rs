//! Metrics on a separate port, and traces exported to a collector.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod binary;

use std::{
    fs::{self, File},
    time::{Duration, Instant},
};

use binary::{
    Server, get, metrics_address, run, text,
    trace_collector::{TraceCollector, attribute},
};
use macro_rules_attribute::apply;
use opentelemetry_proto::tonic::trace::v1::{Span, span::SpanKind};
use serde_json::{Value, json};
use tests::{REGISTER, TestApp, a_workshop, admin, on_each_database};

/// Part of everything that these tests enter.
const MARKER: &str = "Quetzalcoatl";

#[test]
fn metrics_are_served_on_a_separate_port() {
    let folder = tempfile::tempdir().unwrap();
    let (log, database) = (folder.path().join("log"), format!("sqlite:{}", folder.path().join("a.db").display()));
    let serve = |flags: &[&str]| {
        let arguments = [&["serve", "--database-url", &database, "--log-format", "json"], flags].concat();
        Server::start_with_log(&arguments, File::create(&log).unwrap())
    };
    let server = serve(&["--metrics-listen", "127.0.0.1:0"]);
    let address = metrics_address(&log).unwrap();
    assert_ne!(address, server.address);
    server.post(r#"{ "query": "{ workshops { totalCount } }" }"#).unwrap();
    let metrics = get(&address, "/metrics", &address);
    assert!(metrics.starts_with("HTTP/1.1 200 OK"), "{metrics}");
    assert!(metrics.contains("content-type: application/openmetrics-text; version=1.0.0"), "{metrics}");
    for sample in [
        "atelier_operations_total{operation=\"workshops\",outcome=\"ok\"} 1\n",
        concat!("atelier_build_info{version=\"", env!("CARGO_PKG_VERSION"), "\"} 1\n"),
        "# EOF\n",
    ] {
        assert!(metrics.contains(sample), "{sample} is not in {metrics}");
    }
    let value = |name: &str| {
        let sample = metrics.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        sample.unwrap().parse::<f64>().unwrap()
    };
    assert!(value("process_resident_memory_bytes") > 1e6 && value("process_open_fds") > 3.0);
    assert!(get(&address, "/metrics", "rebound.example.org").starts_with("HTTP/1.1 421 "));
    assert!(get(&address, "/graphql", &address).starts_with("HTTP/1.1 404 "));

    // A port that the operator names must be free.
    let output = run(&["serve", "--listen", "127.0.0.1:0", "--database-url", &database, "--metrics-listen", &address]);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains("--metrics-listen"));
    drop(server);

    let off = serve(&["--metrics-listen", "off"]);
    assert!(off.get("/ready").unwrap().contains("200 OK"));
    assert_eq!(metrics_address(&log), None);
    // If another program uses the default port, the server runs without metrics.
    let (one, other) = (serve(&[]), serve(&[]));
    assert!(one.get("/ready").unwrap().contains("200 OK"));
    assert!(other.get("/ready").unwrap().contains("200 OK"));
    assert!(fs::read_to_string(&log).unwrap().contains("metrics are not served"));
}

fn spans_named<'a>(spans: &'a [Span], name: &'a str) -> impl Iterator<Item = &'a Span> {
    spans.iter().filter(move |span| span.name == name)
}

#[track_caller]
fn only<'a>(mut spans: impl Iterator<Item = &'a Span>) -> &'a Span {
    let span = spans.next().expect("a span");
    assert!(spans.next().is_none(), "more than one");
    span
}

fn hex(id: &[u8]) -> String {
    id.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat()
}

#[apply(on_each_database)]
async fn a_trace_continues_from_the_caller_to_the_statements(app: TestApp) {
    let workshop = app.given(a_workshop().window(None, None)).await;
    let mut input = app.input(&workshop, "ann").await;
    input["idempotencyKey"] = MARKER.into();
    let key = app.key(admin()).await;
    let collector = TraceCollector::start().await;
    let log = tempfile::NamedTempFile::new().unwrap();
    let endpoint = collector.endpoint();
    let arguments =
        ["serve", "--database-url", &app.database.url, "--otlp-endpoint", &endpoint, "--log-format", "json"];
    let mut server = Server::start_with_log(&arguments, log.reopen().unwrap());
    let post = |traceparent: Option<&str>, body: &Value| {
        let (body, address) = (body.to_string(), &server.address);
        let traceparent = traceparent.map(|trace| format!("traceparent: {trace}\r\n")).unwrap_or_default();
        let (authorization, length) = (key.authorization(), body.len());
        let response = server.request(&format!(
            "POST /graphql HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\ncontent-type: application/json\r\n\
             authorization: {authorization}\r\n{traceparent}content-length: {length}\r\n\r\n{body}"
        ));
        assert!(response.as_ref().unwrap().starts_with("HTTP/1.1 200 OK"), "{response:?}");
    };
    let trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    let register = REGISTER.replace("mutation", &format!("mutation {MARKER}"));
    let register = json!({ "query": register, "variables": { "workshopId": workshop.id, "input": input } });
    post(Some(&format!("00-{trace}-00f067aa0ba902b7-01")), &register);
    let unsampled = "5bf92f3577b34da6a3ce929d0e0e4736";
    let search = json!({ "query": format!("{{ guests(filter: {{ text: \"{MARKER}\" }}) {{ totalCount }} }}") });
    post(Some(&format!("00-{unsampled}-00f067aa0ba902b7-00")), &search);
    post(None, &search);
    server.signal("TERM");
    assert!(server.process.wait().unwrap().success());

    let spans = collector.spans();
    let is_of = |trace: &'static str| move |span: &&Span| hex(&span.trace_id) == trace;
    let below = |parent: &Span| spans.iter().filter(|span| span.parent_span_id == parent.span_id).collect::<Vec<_>>();
    let is_statement =
        |span: &&Span| span.kind == SpanKind::Client as i32 && attribute(span, "db.query.text").is_some();

    let request = only(spans_named(&spans, "POST /graphql").filter(is_of("4bf92f3577b34da6a3ce929d0e0e4736")));
    assert_eq!(hex(&request.parent_span_id), "00f067aa0ba902b7");
    assert_eq!(request.kind, SpanKind::Server as i32);
    assert!(below(request).iter().any(is_statement), "the request span contains the lookup of the key");
    let operation = only(spans_named(&spans, "mutation registerGuest"));
    assert_eq!((&operation.trace_id, &operation.parent_span_id), (&request.trace_id, &request.span_id));
    assert_eq!(attribute(operation, "atelier.outcome"), Some("ok"));
    assert!(below(operation).iter().any(is_statement), "the operation span contains the reads of the response");

    let batch = only(spans_named(&spans, "batch"));
    assert_ne!(batch.trace_id, operation.trace_id, "a batch can belong to several operations");
    assert_eq!(only_link(batch), (operation.trace_id.clone(), operation.span_id.clone()));
    let written = below(batch);
    assert!(written.iter().all(is_statement) && written.len() >= 4, "{written:#?}");
    assert!(written.iter().any(|span| attribute(span, "db.query.text").unwrap().contains("registrations")));
    for span in &written {
        let within = batch.start_time_unix_nano..=batch.end_time_unix_nano;
        assert!(within.contains(&span.end_time_unix_nano), "{span:#?}");
        assert!(span.start_time_unix_nano <= span.end_time_unix_nano);
    }

    let query = only(spans_named(&spans, "query guests"));
    assert_ne!(hex(&query.trace_id), trace);
    assert!(
        !spans.iter().any(|span| is_of("5bf92f3577b34da6a3ce929d0e0e4736")(&span)),
        "an unsampled trace exports no spans"
    );
    assert!(collector.contains("service.name") && collector.contains("atelier"));
    assert!(!collector.contains(MARKER), "spans contain no input");
    let log = fs::read_to_string(log.path()).unwrap();
    let lines = log.lines().filter(|line| line.contains("answered")).map(|line| serde_json::from_str(line).unwrap());
    let lines: Vec<Value> = lines.collect();
    assert_eq!(lines.len(), 3, "{log}");
    for line in lines {
        let span = &line["span"];
        assert_eq!(span["name"], "request", "the log contains no spans of traces: {line:#}");
        assert!(span["caller"].as_str().unwrap().starts_with("key_"), "{line:#}");
    }
}

fn only_link(span: &Span) -> (Vec<u8>, Vec<u8>) {
    let [link] = &span.links[..] else { panic!("{:#?}", span.links) };
    (link.trace_id.clone(), link.span_id.clone())
}

#[test]
fn an_unreachable_collector_delays_neither_requests_nor_shutdown() {
    // This listener accepts connections and reads nothing from them.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let silent = format!("http://{}", silent.local_addr().unwrap());
    for endpoint in ["http://127.0.0.1:1", &silent] {
        let log = tempfile::NamedTempFile::new().unwrap();
        let arguments = ["demo", "--otlp-endpoint", endpoint, "--metrics-listen", "off"];
        let mut server = Server::start_with_log(&arguments, log.reopen().unwrap());
        for _ in 0..20 {
            let response = server.post(r#"{ "query": "{ workshops(first: 5) { nodes { title } } }" }"#).unwrap();
            assert!(response.contains("title"), "{response}");
        }
        let begun = Instant::now();
        server.signal("TERM");
        assert!(server.process.wait().unwrap().success());
        assert!(begun.elapsed() < Duration::from_secs(20), "the server took {:?} to stop", begun.elapsed());
        let log = fs::read_to_string(log.path()).unwrap();
        assert!(log.contains("spans are lost") || log.contains("cannot export the last spans"), "{log}");
    }
    let wrong = run(&["demo", "--listen", "127.0.0.1:0", "--otlp-endpoint", &format!("http://ann:{MARKER}@ /")]);
    let message = text(&wrong.stderr);
    assert_eq!(wrong.status.code(), Some(2), "{message}");
    assert!(message.contains("--otlp-endpoint") && !message.contains(MARKER), "{message}");
}
