//! The binary as an operator meets it. Cargo tells only the tests of its own package where the binary is, which is why
//! these are not with the others.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    process::{Child, ChildStdout, Command, Output, Stdio},
};

fn atelier(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_atelier"));
    command.args(arguments);
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy().into_owned();
        if name.starts_with("ATELIER_") || name == "DATABASE_URL" {
            command.env_remove(name);
        }
    }
    command
}

fn run(arguments: &[&str]) -> Output {
    atelier(arguments).stdin(Stdio::null()).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// A server on a port of its own; it does not outlive the test.
struct Server {
    process: Child,
    out: BufReader<ChildStdout>,
    address: String,
}

impl Server {
    fn start(arguments: &[&str]) -> Self {
        let all = [arguments, &["--listen", "127.0.0.1:0"]].concat();
        let mut process = atelier(&all).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut out = BufReader::new(process.stdout.take().unwrap());
        let mut line = String::new();
        out.read_line(&mut line).unwrap();
        let address = line.split("http://").nth(1).unwrap_or_else(|| panic!("no address in {line:?}"));
        let address = address.trim_end().trim_end_matches('/').to_owned();
        Self { process, out, address }
    }

    fn request(&self, request: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    fn get(&self, path: &str) -> String {
        self.request(&format!("GET {path} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n\r\n", self.address))
    }

    fn graphql(&self, body: &str) -> String {
        self.request(&format!(
            "POST /graphql HTTP/1.1\r\nhost: {}\r\nconnection: close\r\ncontent-type: application/json\r\n\
             content-length: {}\r\n\r\n{body}",
            self.address,
            body.len()
        ))
    }

    fn signal(&self, name: &str) {
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

#[test]
fn help_explains_every_command_and_names_the_variables() {
    let help = run(&["--help"]);
    assert!(help.status.success());
    for word in ["demo", "serve", "migrate", "schema", "ATELIER_LOG"] {
        assert!(text(&help.stdout).contains(word), "{word}");
    }
    let help = text(&run(&["serve", "--help"]).stdout);
    for variable in ["ATELIER_LISTEN", "DATABASE_URL", "ATELIER_CONNECTIONS", "ATELIER_LANES", "ATELIER_NO_MIGRATE"] {
        assert!(help.contains(variable), "{variable}");
    }
}

#[test]
fn a_wrong_value_gets_a_sentence_and_exit_code_2() {
    for (arguments, word) in [
        (&["serve", "--listen", "nonsense"][..], "--listen"),
        (&["serve", "--connections", "0"], "--connections"),
        (&["serve", "--lanes", "many"], "--lanes"),
        (&["serve", "--database-url", "mysql://root:secret@there/db"], "--database-url"),
        (&["serve", "--log", "====="], "--log"),
        (&["serve", "--log-format", "xml"], "--log-format"),
        (&["migrate", "sideways"], "sideways"),
        (&["migrate", "down", "--steps", "0"], "--steps"),
        (&["nonsense"], "nonsense"),
        (&[], "Usage"),
    ] {
        let output = run(arguments);
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {said}");
        assert!(said.contains(word), "{arguments:?}: {said}");
        assert!(!said.contains("panicked") && !said.contains("secret"), "{said}");
    }
    let by_variable = atelier(&["serve"]).env("ATELIER_LISTEN", "nonsense").output().unwrap();
    assert_eq!(by_variable.status.code(), Some(2));
}

#[test]
fn what_does_not_work_gets_a_sentence_and_exit_code_1() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let folder = tempfile::tempdir().unwrap();
    let database = format!("sqlite:{}", folder.path().join("a.db").display());
    for (arguments, word) in [
        (&["serve", "--database-url", "sqlite:/nonsense/of/a/folder.db"][..], "cannot open the SQLite database"),
        (&["serve", "--database-url", "postgres://127.0.0.1:1/none"], "cannot open the PostgreSQL database"),
        (&["serve", "--database-url", &database, "--no-migrate"], "atelier migrate up"),
        (&["serve", "--database-url", &database, "--listen", &address], "cannot listen"),
    ] {
        let output = run(arguments);
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{arguments:?}: {said}");
        assert!(said.contains(word) && !said.contains("panicked"), "{arguments:?}: {said}");
    }
}

#[test]
fn migrations_are_applied_taken_back_and_listed() {
    let folder = tempfile::tempdir().unwrap();
    let database = format!("sqlite:{}", folder.path().join("a.db").display());
    let migrate = |arguments: &[&str]| {
        let output = run(&[&["migrate"], arguments, &["--database-url", &database]].concat());
        assert!(output.status.success(), "{}", text(&output.stderr));
        let said = text(&output.stdout);
        (said.matches("applied ").count(), said.matches("pending ").count())
    };
    let (_, all) = migrate(&["status"]);
    assert!(all > 0);
    assert_eq!(migrate(&["up"]), (all, 0));
    assert_eq!(migrate(&["up"]), (all, 0));
    assert_eq!(migrate(&["down", "--steps", "2"]), (all - 2, 2));
    assert_eq!(migrate(&["status"]), (all - 2, 2));
}

#[test]
fn the_schema_is_printed() {
    let output = run(&["schema"]);
    assert!(output.status.success());
    assert_eq!(text(&output.stdout).trim(), include_str!("../../../schema.graphql").trim());
}

#[test]
fn the_demo_registers_a_guest_with_the_line_it_prints() {
    let mut server = Server::start(&["demo"]);
    let mut body = None;
    let mut line = String::new();
    while body.is_none() {
        line.clear();
        assert_ne!(server.out.read_line(&mut line).unwrap(), 0, "no curl was printed");
        body = line.split("-d '").nth(1).map(|rest| rest.trim_end().trim_end_matches('\'').to_owned());
    }
    let body = body.unwrap();
    let answer = server.graphql(&body);
    assert!(answer.contains(r#""__typename":"Registration""#) && answer.contains("REGISTERED"), "{answer}");
    assert!(server.graphql(&body).contains("AlreadyRegistered"));
    assert!(server.get("/").contains("playground-config"));
}

#[test]
fn a_server_that_is_told_to_stop_ends_well_and_keeps_what_it_said() {
    let folder = tempfile::tempdir().unwrap();
    let database = format!("sqlite:{}", folder.path().join("a.db").display());
    for signal in ["TERM", "INT"] {
        let mut server = Server::start(&["serve", "--database-url", &database]);
        assert!(server.get("/ready").contains("ready"));
        // A connection that stays open and says nothing does not hold the server up.
        let _idle = TcpStream::connect(&server.address).unwrap();
        server.signal(signal);
        assert_eq!(server.process.wait().unwrap().code(), Some(0), "{signal}");
    }
}
