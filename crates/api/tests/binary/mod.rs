//! Runs the binary in its own process. Cargo sets the path of the binary only for the tests of its package, so these tests
//! are here and not in the `tests` crate.
#![allow(dead_code, unused_imports, reason = "each test binary uses a part of this module")]

mod connection;
mod health_probe;
mod latencies;
mod server;
mod workload;

pub(crate) mod trace_collector;

use std::{
    fs,
    io::{Read, Write},
    net::TcpStream,
    path::Path,
    process::{Command, Output, Stdio},
};

use serde_json::Value;

pub(crate) use connection::{Connection, RawResponse, Response, connect_from, post_request};
pub(crate) use health_probe::HealthProbe;
pub(crate) use latencies::Latencies;
pub(crate) use server::{Server, subscribe};
pub(crate) use workload::{
    JournalFollower, create_guests, read_journal, read_journal_of, registration_request, wait_until,
};

/// The command, in an environment without settings. `ATELIER_BINARY` replaces the binary that was built with the tests.
pub(crate) fn atelier(arguments: &[&str]) -> Command {
    let built = || env!("CARGO_BIN_EXE_atelier").into();
    let mut command = Command::new(std::env::var_os("ATELIER_BINARY").unwrap_or_else(built));
    command.args(arguments);
    for (name, _) in std::env::vars_os() {
        let is_setting = |prefix| name.to_string_lossy().starts_with(prefix);
        if ["DATABASE_URL", "ATELIER_", "OTEL_"].into_iter().any(is_setting) {
            command.env_remove(name);
        }
    }
    command
}

pub(crate) fn run(arguments: &[&str]) -> Output {
    atelier(arguments).stdin(Stdio::null()).output().unwrap()
}

pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// The address of the metrics, read from a JSON log.
pub(crate) fn metrics_address(log: &Path) -> Option<String> {
    let log = fs::read_to_string(log).unwrap();
    let lines = log.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let mut served = lines.filter(|line| line["message"] == "metrics are served");
    Some(served.next()?["address"].as_str().unwrap().to_owned())
}

/// Sends a GET request to an address with a `Host` header, and returns the response with its head.
pub(crate) fn get(address: &str, path: &str, host: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n").unwrap();
    let mut response = String::new();
    stream.read_to_string(&mut response).unwrap();
    response
}
