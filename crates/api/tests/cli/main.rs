//! The command line: help, exit codes and messages of each command.
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "../binary/mod.rs"]
mod binary;
mod deployment_files;
mod healthcheck;
mod help;
mod migrations;
mod shutdown;
mod startup_log;
mod variables;

use std::io::BufRead;

use binary::{Server, atelier, run, text};
use macro_rules_attribute::apply;
use tests::{TestApp, a_workshop, on_each_database};

#[test]
fn help_lists_every_command_and_environment_variable() {
    let help = run(&["--help"]);
    assert!(help.status.success());
    for word in ["demo", "serve", "migrate", "keys", "doctor", "backup", "healthcheck", "schema", "ATELIER_LOG"] {
        assert!(text(&help.stdout).contains(word), "{word}");
    }
    let help = text(&run(&["serve", "--help"]).stdout);
    for variable in [
        "ATELIER_LISTEN",
        "DATABASE_URL",
        "DATABASE_URL_FILE",
        "ATELIER_DATABASE_CONNECTIONS",
        "ATELIER_LANES",
        "ATELIER_NO_MIGRATE",
        "ATELIER_CORS_ORIGINS",
        "ATELIER_HOSTS",
        "ATELIER_TRUSTED_DOCUMENTS",
        "ATELIER_NO_INTROSPECTION",
        "ATELIER_NO_PUBLIC",
        "ATELIER_TOKEN_JWKS",
        "ATELIER_METRICS_LISTEN",
        "OTEL_EXPORTER_OTLP_ENDPOINT",
    ] {
        assert!(help.contains(variable), "{variable}");
    }
}

#[test]
fn every_limit_is_documented_with_its_default() {
    let operating = include_str!("../../../../docs/operating.md");
    let help = text(&run(&["serve", "--help"]).stdout);
    let limits = help.split_once("Limits:").unwrap().1;
    let mut flags = 0;
    for (flag, rest) in limits.split("--").skip(1).filter_map(|part| part.split_once(" <NUMBER>")) {
        let default: u64 = rest.split_once("[default: ").unwrap().1.split(']').next().unwrap().parse().unwrap();
        let row = operating.lines().find(|line| line.contains(&format!("| `--{flag}` |"))).expect(flag);
        assert!(row.replace(',', "").contains(&format!("| {default} |")), "{row}: {default}");
        flags += 1;
    }
    assert_eq!(operating.lines().filter(|line| line.contains("| `--")).count(), flags);
}

/// An address whose port the system chooses.
const FREE_PORT: &str = "127.0.0.1:0";

#[test]
fn an_invalid_argument_exits_with_code_2_and_names_the_argument() {
    for (arguments, word) in [
        (&["serve", "--listen", "nonsense"][..], "--listen"),
        (&["serve", "--database-connections", "2"], "--database-connections"),
        (&["serve", "--lanes", "many"], "--lanes"),
        (&["serve", "--metrics-listen", "on"], "--metrics-listen"),
        (&["serve", "--max-subscriptions", "all"], "--max-subscriptions"),
        (&["demo", "--document-depth", "1000"], "--document-depth"),
        (&["serve", "--listen", FREE_PORT, "--database-url", "mysql://root:secret@there/db"], "--database-url"),
        (&["serve", "--token-jwks", "http://id.example.com/jwks"], "--token-jwks"),
        (&["serve", "--token-jwks", "jwks.json", "--token-issuer", "https://id.example.com/"], "--token-audience"),
        (&["serve", "--token-algorithms", "HS256"], "--token-algorithms"),
        (&["serve", "--token-role", "boss=king"], "--token-role"),
        (&["keys", "create", "--role", "king"], "--role"),
        (&["keys", "create", "--role", "partner", "--scope", "everything"], "--scope"),
        (&["keys", "create", "--role", "admin", "--expires", "soon"], "--expires"),
        (&["keys", "create", "--role", "admin", "--expires", "0"], "--expires"),
        (&["keys", "create", "--role", "admin", "--name", ""], "--name"),
        (&["keys", "create", "--role", "staff"], "--center"),
        (&["keys", "rotate", "atl_00000000", "--overlap", "721"], "--overlap"),
        (&["doctor", "--database-url", "sqlite:a%00.db"], "--database-url"),
        (&["keys", "revoke", "nonsense"], "<KEY>"),
        (&["serve", "--log", "====="], "--log"),
        (&["serve", "--log", "nonsense="], "--log"),
        (&["serve", "--log", "warning"], "--log"),
        (&["serve", "--log-format", "xml"], "--log-format"),
        (&["serve", "--cors-origin", "*"], "--cors-origin"),
        (&["demo", "--cors-origin", "https://a.example.org,null"], "--cors-origin"),
        (&["serve", "--host", "http://a.example.org"], "--host"),
        (&["migrate", "sideways"], "sideways"),
        (&["migrate", "down", "--steps", "0"], "--steps"),
        (&["nonsense"], "nonsense"),
        (&[], "Usage"),
    ] {
        let output = run(arguments);
        let message = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {message}");
        assert!(message.contains(word), "{arguments:?}: {message}");
        assert!(!message.contains("panicked") && !message.contains("secret"), "{message}");
    }
    let by_variable = atelier(&["serve"]).env("ATELIER_LISTEN", "nonsense").output().unwrap();
    assert_eq!(by_variable.status.code(), Some(2));
}

#[test]
fn a_failed_command_exits_with_code_1_and_gives_the_reason() {
    let occupied = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = occupied.local_addr().unwrap().to_string();
    let folder = tempfile::tempdir().unwrap();
    let database = format!("sqlite:{}", folder.path().join("a.db").display());
    for migration in [&["migrate", "up"][..], &["migrate", "down", "--yes"]] {
        assert!(run(&[migration, &["--database-url", &database]].concat()).status.success());
    }
    let list = folder.path().join("list.json").display().to_string();
    std::fs::write(&list, r#"{ "d41d8cd98f00b204e9800998ecf8427e": "{ __typename }" }"#).unwrap();
    for (arguments, word) in [
        (&["demo", "--listen", FREE_PORT, "--trusted-documents", &list][..], "d41d8cd98f00b204e9800998ecf8427e"),
        (&["demo", "--listen", FREE_PORT, "--trusted-documents", "/nonsense.json"], "/nonsense.json"),
        (
            &["serve", "--listen", FREE_PORT, "--database-url", "sqlite:/nonsense/of/a/folder.db"][..],
            "cannot open the SQLite",
        ),
        (
            &["serve", "--listen", FREE_PORT, "--database-url", "postgres://127.0.0.1:1/none"],
            "cannot open the PostgreSQL",
        ),
        (&["serve", "--listen", FREE_PORT, "--database-url", &database, "--no-migrate"], "atelier migrate up"),
        (&["doctor", "--database-url", &database], "atelier migrate up"),
        (&["keys", "list", "--database-url", &database], "atelier migrate up"),
        (&["demo", "--listen", "0.0.0.0:0"], "loopback"),
        (
            &[
                "serve",
                "--listen",
                FREE_PORT,
                "--database-url",
                &database,
                "--token-jwks",
                "/nonsense/jwks.json",
                "--token-issuer",
                "https://id.example.com/",
                "--token-audience",
                "atelier",
            ],
            "--token-jwks",
        ),
        (&["serve", "--database-url", &database, "--listen", &address], "cannot listen"),
    ] {
        let output = run(arguments);
        let message = text(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{arguments:?}: {message}");
        assert!(message.contains(word) && !message.contains("panicked"), "{arguments:?}: {message}");
    }
}

#[apply(on_each_database)]
async fn the_doctor_exits_with_code_1_if_the_data_disagrees(app: TestApp) {
    let workshop = app.given(a_workshop()).await;
    let response = app.register(&workshop, "ann").await;
    let doctor = |flags: &[&str]| {
        let output = run(&[&["doctor", "--database-url", &app.database.url], flags].concat());
        (output.status.code().unwrap(), text(&output.stdout), text(&output.stderr))
    };
    let consistent = "No inconsistencies: every counter and every invariant agrees with the rows.\n";
    assert_eq!(doctor(&[]), (0, consistent.to_owned(), String::new()));
    assert_eq!(doctor(&["--repair"]), (0, consistent.to_owned(), String::new()));

    app.database.execute("UPDATE workshops SET seats_taken = 5").await.unwrap();
    let disagreement = format!("{}: seats_taken is 5, but its registrations give 1\n", workshop.id);
    let reported =
        "atelier: inconsistencies found: 1; run with --repair to recompute counters, sort keys and search words\n"
            .to_owned();
    assert_eq!(doctor(&[]), (1, disagreement.clone(), reported));
    let repaired = "Repaired values: 1. Checking again.\n";
    assert_eq!(doctor(&["--repair"]), (0, format!("{disagreement}{repaired}{consistent}"), String::new()));
    assert_eq!(doctor(&[]), (0, consistent.to_owned(), String::new()));

    app.database.execute("DELETE FROM journal").await.unwrap();
    let missing = format!("{}: the journal has no entry for it\n", response.registration()["id"].as_str().unwrap());
    let repaired = "Repaired values: 0. Checking again.\n";
    let remaining = "atelier: inconsistencies found: 1; repair these rows by hand\n".to_owned();
    assert_eq!(doctor(&["--repair"]), (1, format!("{missing}{repaired}{missing}"), remaining));
}

#[test]
fn the_schema_command_prints_the_committed_schema() {
    let output = run(&["schema"]);
    assert!(output.status.success());
    assert_eq!(text(&output.stdout).trim(), include_str!("../../../../schema.graphql").trim());
}

#[test]
fn flags_restrict_hosts_origins_and_documents() {
    let folder = tempfile::tempdir().unwrap();
    let list = folder.path().join("list.json").display().to_string();
    // The SHA-256 of the document.
    let hash = "7f56e67dd21ab3f30d1ff8b7bed08893f0a0db86449836189b361dd1e56ddb4b";
    std::fs::write(&list, format!(r#"{{ "{hash}": "{{ __typename }}" }}"#)).unwrap();
    let post = |server: &Server, headers: &str, body: &str| {
        let head =
            format!("POST /graphql HTTP/1.1\r\nconnection: close\r\ncontent-type: application/json\r\n{headers}");
        let response = server.request(&format!("{head}content-length: {}\r\n\r\n{body}", body.len())).unwrap();
        let (_, status) = response.split_once(' ').unwrap();
        (status[..3].to_owned(), response)
    };
    let (typename, introspection) =
        (r#"{"query":"{ __typename }"}"#, r#"{"query":"{ __schema { queryType { name } } }"}"#);
    let from_app = "origin: https://app.example.org\r\nsec-fetch-site: cross-site\r\n";

    let demo = Server::start(&["demo"]);
    assert_eq!(post(&demo, "host: localhost:8000\r\n", typename).0, "200");
    assert_eq!(post(&demo, "host: rebound.example.org\r\n", typename).0, "421");
    assert_eq!(post(&demo, "", typename).0, "421", "a request without a host");
    assert_eq!(post(&demo, &format!("host: localhost\r\n{from_app}"), typename).0, "403");
    assert!(post(&demo, "host: localhost\r\n", introspection).1.contains("queryType"));

    let origins = ["--host", "atelier.example.org", "--cors-origin", "https://a.example.org,https://app.example.org"];
    let closed = ["--no-introspection", "--trusted-documents", &list];
    let demo = Server::start(&[&["demo"], &origins[..], &closed].concat());
    assert_eq!(post(&demo, "host: localhost\r\n", typename).0, "421");
    let named = format!("host: atelier.example.org\r\n{from_app}");
    let (status, response) = post(&demo, &named, typename);
    assert_eq!(status, "200");
    assert!(response.contains("access-control-allow-origin: https://app.example.org"), "{response}");
    assert!(post(&demo, &named, introspection).1.contains("DOCUMENT_NOT_TRUSTED"));
}

#[test]
fn the_command_that_the_demo_prints_registers_a_guest() {
    let mut server = Server::start(&["demo"]);
    let mut body = None;
    let mut line = String::new();
    while body.is_none() {
        line.clear();
        assert_ne!(server.stdout.read_line(&mut line).unwrap(), 0, "the demo printed no curl command");
        body = line.split("-d '").nth(1).map(|rest| rest.trim_end().trim_end_matches('\'').to_owned());
    }
    let body = body.unwrap();
    let readme = include_str!("../../../../README.md");
    let (_, rest) = readme.split_once("-d '").unwrap();
    let (in_readme, _) = rest.split_once("'\n```").unwrap();
    let ids = |body: &str| serde_json::from_str::<serde_json::Value>(body).unwrap()["variables"].clone();
    assert_eq!(ids(in_readme), ids(&body), "the README's example is the demo's");

    let response = server.post(&body).unwrap();
    assert!(response.contains(r#""__typename":"Registration""#) && response.contains("REGISTERED"), "{response}");
    assert!(server.post(&body).unwrap().contains("AlreadyRegistered"));
    assert!(server.get("/").unwrap().contains("playground-config"));
}
