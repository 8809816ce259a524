//! The lines that a server logs when it starts, when a page is rejected, and when its readiness changes.

use std::{
    fs::{self, File},
    io::Read,
    net::TcpStream,
    path::Path,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use serde_json::Value;
use tests::{Cluster, Database, available};

use crate::binary::{Server, atelier};

/// The lines of a JSON log whose message contains a text.
fn lines(log: &Path, text: &str) -> Vec<Value> {
    let log = fs::read_to_string(log).unwrap();
    let lines = log.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    lines.filter(|line| line["message"].as_str().unwrap().contains(text)).collect()
}

#[test]
fn the_log_shows_the_database_its_schema_and_the_limits() {
    let folder = tempfile::tempdir().unwrap();
    let (log, file) = (folder.path().join("log"), fs::canonicalize(folder.path()).unwrap().join("a.db"));
    let url = format!("sqlite:{}", file.display());
    let serve = ["serve", "--database-url", &url, "--log-format", "json", "--max-websockets", "7"];
    let server = Server::start_with_log(&serve, File::create(&log).unwrap());
    drop(server);
    let line = &lines(&log, "starting")[0];
    assert!(line["database"].as_str().unwrap().ends_with(file.to_str().unwrap()), "{line:#}");
    assert!(line["schema"].as_str().unwrap().starts_with("m2026"), "{line:#}");
    assert_eq!((&line["max_websockets"], &line["database_connections"]), (&7.into(), &16.into()), "{line:#}");
}

/// Seconds after which the server closes a connection without a request.
const CLIENT_TIMEOUT: &str = "30";

/// A server in this folder that can have so many open files.
fn server_with_open_files(folder: &Path, open_files: &str, max_connections: &str) -> Server {
    let serve = ["serve", "--listen", "127.0.0.1:0", "--metrics-listen", "off", "--log-format", "json"];
    let serve = [&serve[..], &["--request-header-timeout", CLIENT_TIMEOUT]].concat();
    let binary = atelier(&serve);
    let mut shell = Command::new("sh");
    shell.args(["-c", &format!("ulimit -n {open_files} && exec \"$0\" \"$@\"")]).arg(binary.get_program());
    shell.args(binary.get_args()).args(["--max-connections", max_connections]).current_dir(folder);
    for (name, value) in binary.get_envs() {
        match value {
            Some(value) => shell.env(name, value),
            None => shell.env_remove(name),
        };
    }
    shell.stdin(Stdio::null());
    Server::from_command(&mut shell, File::create(folder.join("log")).unwrap())
}

#[test]
fn a_low_limit_of_open_files_lowers_the_limit_of_connections() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("log");
    let warnings = |open_files: &str, max_connections: &str| {
        drop(server_with_open_files(folder.path(), open_files, max_connections));
        (lines(&log, "ulimit -n"), lines(&log, "starting")[0]["max_connections"].clone())
    };
    let (low, effective) = warnings("600", "20000");
    let message = low[0]["message"].as_str().unwrap();
    assert!(message.contains("from 20000 to 350") && message.contains("raise the limit to 20250"), "{message}");
    assert_eq!(effective, 350);
    assert_eq!(warnings("600", "350"), (Vec::new(), 350.into()));
}

#[test]
fn a_server_with_few_open_files_accepts_clients_and_reads_its_database() {
    let folder = tempfile::tempdir().unwrap();
    let server = server_with_open_files(folder.path(), "300", "20000");
    // Each client takes a connection, and the database opens its own when queries run at the same time.
    let clients: Vec<_> = (0..400).map(|_| TcpStream::connect(&server.address).unwrap()).collect();
    let begun = Instant::now();
    let body = r#"{"query":"{ workshops(first: 1) { totalCount } }"}"#;
    let queries: Vec<_> = (0..20).map(|_| server.begin_post(body).unwrap()).collect();
    for mut query in queries {
        let mut response = String::new();
        query.read_to_string(&mut response).unwrap();
        assert!(response.starts_with("HTTP/1.1 200 ") && response.contains("totalCount"), "{response}");
    }
    drop(clients);
    let timeout = Duration::from_secs(CLIENT_TIMEOUT.parse().unwrap());
    assert!(begun.elapsed() < timeout, "the queries waited until other clients had closed their files");
}

#[test]
fn rejected_pages_are_logged_once_a_minute_with_the_flag_that_accepts_them() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("log");
    let server = Server::start_with_log(&["demo", "--log-format", "json"], File::create(&log).unwrap());
    for origin in ["https://app.example.org", "https://other.example.org", "null"] {
        let head = format!("GET /graphql?query=%7B__typename%7D HTTP/1.1\r\nhost: {}\r\n", server.address);
        let response = server.request(&format!("{head}origin: {origin}\r\nconnection: close\r\n\r\n")).unwrap();
        assert!(response.starts_with("HTTP/1.1 403 "), "{response}");
    }
    let rejected = lines(&log, "rejected a page");
    let [line] = &rejected[..] else { panic!("{rejected:#?}") };
    assert_eq!(line["origin"], "https://app.example.org");
    assert!(line["message"].as_str().unwrap().contains("--cors-origin https://app.example.org"), "{line:#}");
}

#[test]
fn readiness_is_logged_when_it_changes() {
    let Some(cluster) = available(Cluster::durable()) else { return };
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let database = runtime.block_on(Database::on_cluster(&cluster));
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("log");
    let serve = ["serve", "--database-url", &database.url, "--log-format", "json"];
    let server = Server::start_with_log(&serve, File::create(&log).unwrap());
    let probe = |status: &str| {
        for _ in 0..3 {
            let response = server.get("/ready").unwrap();
            assert!(response.starts_with(&format!("HTTP/1.1 {status} ")), "{response}");
        }
    };
    probe("200");
    cluster.stop();
    probe("503");
    cluster.start_server();
    probe("200");
    let server_of_database = format!("127.0.0.1:{}", cluster.port());
    let lost = lines(&log, "not ready: ");
    let [lost] = &lost[..] else { panic!("{lost:#?}") };
    assert!(lost["message"].as_str().unwrap().contains(&server_of_database), "{lost:#}");
    assert!(lost["reason"].as_str().unwrap().contains("refused"), "{lost:#}");
    let regained = lines(&log, "ready again: ");
    let [regained] = &regained[..] else { panic!("{regained:#?}") };
    assert!(regained["message"].as_str().unwrap().contains(&server_of_database), "{regained:#}");
}
