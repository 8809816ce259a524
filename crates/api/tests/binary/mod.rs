//! The binary in a process of its own. Cargo tells only the tests of its own package where the binary is, which is why
//! what runs it is not with the other tests.
#![allow(dead_code, unused_imports, reason = "each test binary uses a part of it")]

mod connection;
mod scene;

pub(crate) mod collector;

use std::{
    fs,
    io::{self, BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::Path,
    process::{Child, ChildStdout, Command, Output, Stdio},
};

use serde_json::Value;
use tests::ApiKey;

pub(crate) use connection::{Connection, Reply};
pub(crate) use scene::{Follower, guests, journal, registration, until};

/// The command, in an environment without settings. `ATELIER_BINARY` names another than the one that was built with the tests.
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

/// Where a log in JSON says that metrics are served.
pub(crate) fn metrics_address(log: &Path) -> Option<String> {
    let log = fs::read_to_string(log).unwrap();
    let lines = log.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let mut served = lines.filter(|line| line["message"] == "metrics are served");
    Some(served.next()?["address"].as_str().unwrap().to_owned())
}

/// The answer, with its head, of whoever is at this address, who is asked for under this name.
pub(crate) fn get(address: &str, path: &str, host: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

/// A server on a port of its own; it does not outlive the test.
pub(crate) struct Server {
    pub(crate) process: Child,
    pub(crate) out: BufReader<ChildStdout>,
    pub(crate) address: String,
    /// What whoever posts says of who they are, as a line of a head.
    authorization: String,
}

impl Server {
    /// Starts it, and waits for the line with its address.
    pub(crate) fn start(arguments: &[&str]) -> Self {
        Self::start_with_log(arguments, Stdio::null())
    }

    /// The same, on another address.
    pub(crate) fn start_on(listen: &str, arguments: &[&str]) -> Self {
        Self::spawn(listen, arguments, Stdio::null())
    }

    /// The same, with its log in a file.
    pub(crate) fn start_with_log(arguments: &[&str], log: impl Into<Stdio>) -> Self {
        Self::spawn("127.0.0.1:0", arguments, log)
    }

    /// The same, on another address and with its log in a file.
    pub(crate) fn spawn(listen: &str, arguments: &[&str], log: impl Into<Stdio>) -> Self {
        let all = [arguments, &["--listen", listen]].concat();
        let mut process = atelier(&all).stdout(Stdio::piped()).stderr(log).spawn().unwrap();
        let mut out = BufReader::new(process.stdout.take().unwrap());
        let mut line = String::new();
        out.read_line(&mut line).unwrap();
        let address = line.split("http://").nth(1).unwrap_or_else(|| panic!("no address in {line:?}"));
        let address = address.trim_end().trim_end_matches('/').to_owned();
        Self { process, out, address, authorization: String::new() }
    }

    /// The same, on which whoever posts holds this key.
    pub(crate) fn client_with_access(mut self, key: &ApiKey) -> Self {
        self.authorization = format!("authorization: {}\r\n", key.authorization());
        self
    }

    /// The answer with its head; an error when the connection fails.
    pub(crate) fn get(&self, path: &str) -> io::Result<String> {
        self.request(&format!("GET {path} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n\r\n", self.address))
    }

    /// Subscribes, and returns when the first event has come; the rest is still to be read.
    pub(crate) fn subscribe(&self, query: &str) -> io::Result<BufReader<TcpStream>> {
        let mut stream = BufReader::new(TcpStream::connect(&self.address)?);
        let head = format!(
            "GET /graphql?query={query} HTTP/1.1\r\nhost: {}\r\naccept: text/event-stream\r\n\r\n",
            self.address
        );
        stream.get_mut().write_all(head.as_bytes())?;
        let mut line = String::new();
        while !line.starts_with("data:") {
            line.clear();
            assert!(stream.read_line(&mut line)? > 0, "the stream ended early");
        }
        Ok(stream)
    }

    /// Posts a GraphQL request.
    pub(crate) fn post(&self, body: &str) -> io::Result<String> {
        self.request(&format!("{}\r\n{body}", self.head_of_post(body)))
    }

    /// Posts a GraphQL request, and returns when the server has it in hand; the answer is still to be read.
    pub(crate) fn begin_post(&self, body: &str) -> io::Result<TcpStream> {
        let mut stream = TcpStream::connect(&self.address)?;
        stream.write_all(format!("{}expect: 100-continue\r\n\r\n", self.head_of_post(body)).as_bytes())?;
        let mut go_on = [0; 25];
        stream.read_exact(&mut go_on)?;
        assert_eq!(&go_on, b"HTTP/1.1 100 Continue\r\n\r\n");
        stream.write_all(body.as_bytes())?;
        Ok(stream)
    }

    fn head_of_post(&self, body: &str) -> String {
        format!(
            "POST /graphql HTTP/1.1\r\nhost: {}\r\nconnection: close\r\ncontent-type: application/json\r\n\
             content-length: {}\r\n{}",
            self.address,
            body.len(),
            self.authorization
        )
    }

    pub(crate) fn request(&self, request: &str) -> io::Result<String> {
        let mut stream = TcpStream::connect(&self.address)?;
        stream.write_all(request.as_bytes())?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer)
    }

    /// KiB of memory that are its own, with its part of what it shares with others.
    pub(crate) fn memory(&self) -> u64 {
        let said = std::fs::read_to_string(format!("/proc/{}/smaps_rollup", self.process.id())).unwrap();
        let line = said.lines().find_map(|line| line.strip_prefix("Pss:")).unwrap();
        line.trim().trim_end_matches(" kB").parse().unwrap()
    }

    /// Waits until it has ended; answers with its exit code.
    pub(crate) fn ended(&mut self) -> Option<i32> {
        tokio::task::block_in_place(|| self.process.wait()).unwrap().code()
    }

    pub(crate) fn signal(&self, name: &str) {
        let id = self.process.id().to_string();
        assert!(Command::new("kill").args(["-s", name, &id]).status().unwrap().success());
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
