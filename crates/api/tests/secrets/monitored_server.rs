use std::{fs, path::PathBuf};

use serde_json::{Value, json};
use tests::{ApiKey, TestApp, admin};

use crate::{
    MARKER,
    binary::{Server, get, metrics_address, trace_collector::TraceCollector},
};

pub(crate) const CREATE_GUEST: &str = "mutation ($input: GuestInput!) {
    createGuest(input: $input) { __typename ... on Problem { message } ... on InputInvalid { fields { field message } } } }";

/// A server at the most verbose log level, with its log, metrics, traces and responses.
pub(crate) struct MonitoredServer {
    pub(crate) server: Server,
    pub(crate) responses: Vec<String>,
    key: ApiKey,
    collector: TraceCollector,
    log_file: PathBuf,
    _folder: tempfile::TempDir,
}

/// What a stopped server has published.
pub(crate) struct Published {
    pub(crate) log: String,
    pub(crate) metrics: String,
    pub(crate) span_names: Vec<String>,
}

impl MonitoredServer {
    pub(crate) async fn start(app: &TestApp) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let log_file = folder.path().join("log");
        // The test cluster accepts any password.
        let url = app.database.url.replace("atelier@", &format!("atelier:{MARKER}@"));
        let collector = TraceCollector::start().await;
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
        let log = fs::File::create(&log_file).unwrap();
        let server = Server::start_with_log(&arguments, log).with_api_key(&key);
        Self { server, responses: Vec::new(), key, collector, log_file, _folder: folder }
    }

    /// Posts a GraphQL request with the API key.
    pub(crate) fn post(&mut self, body: &Value) -> String {
        let response = self.server.post(&body.to_string()).unwrap();
        self.responses.push(response.clone());
        response
    }

    /// Sends any HTTP request, without the API key.
    pub(crate) fn send(&mut self, request_line: &str, headers: &str, body: &str) {
        let length = body.len();
        let request = format!(
            "{request_line} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\ncontent-length: {length}\r\n{headers}\r\n{body}",
            self.server.address
        );
        let response = self.server.request(&request).unwrap();
        assert!(response.starts_with("HTTP/1.1 ") && !response.contains(MARKER), "{response}");
        self.responses.push(response);
    }

    /// Stops the server, and fails if the marker or the API key is in its log, metrics or traces, or the marker in a
    /// response.
    pub(crate) fn stop_and_check(mut self) -> Published {
        let metrics = metrics_address(&self.log_file).unwrap();
        let metrics = get(&metrics, "/metrics", &metrics);
        self.server.signal("TERM");
        self.server.process.wait().unwrap();
        assert!(!self.collector.contains(MARKER) && !metrics.contains(MARKER));
        let log = fs::read_to_string(&self.log_file).unwrap();
        assert!(log.contains("answered"), "answered is not in the log:\n{log}");
        for text in log.lines().chain(self.responses.iter().map(String::as_str)) {
            assert!(!text.contains(MARKER), "{text}");
        }
        let secret = self.key.text.strip_prefix(&self.key.prefix).unwrap();
        assert!(secret.len() > 30 && !log.contains(secret), "the log contains the API key");
        assert!(!self.collector.contains(secret) && !metrics.contains(secret));
        let span_names = self.collector.spans().into_iter().map(|span| span.name).collect();
        Published { log, metrics, span_names }
    }
}

/// The input of a guest; each value contains the marker.
pub(crate) fn guest(email: &str, family_name: &str, external_id: &str) -> Value {
    let marked = |rest: &str| format!("{MARKER}{rest}");
    json!({ "givenName": MARKER, "familyName": marked(family_name), "email": marked(email), "externalId": marked(external_id) })
}

pub(crate) fn create_guest(email: &str, family_name: &str, external_id: &str) -> Value {
    json!({ "query": CREATE_GUEST, "variables": { "input": guest(email, family_name, external_id) } })
}
