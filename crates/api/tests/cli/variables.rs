//! Environment variables: an empty one is an unset one, and lists are lenient.

use std::process::{Command, Stdio};

use macro_rules_attribute::apply;
use tests::{Cluster, TestApp, on_postgres};

use crate::binary::{Server, atelier, text};

/// The variables that the help of a command lists.
fn documented_variables(command: &str) -> Vec<String> {
    let help = text(&atelier(&[command, "--help"]).output().unwrap().stdout);
    let variables = help.split("[env: ").skip(1).map(|rest| rest.split(['=', ']']).next().unwrap().to_owned());
    variables.collect()
}

fn with_variables(command: &mut Command, variables: &[String], value: &str) {
    command.envs(variables.iter().map(|name| (name, value)));
}

#[test]
fn an_empty_variable_is_an_unset_one() {
    let folder = tempfile::tempdir().unwrap();
    let variables = documented_variables("serve");
    assert!(variables.len() > 40, "{variables:?}");
    let mut command = atelier(&["serve", "--listen", "127.0.0.1:0", "--metrics-listen", "off"]);
    with_variables(&mut command, &variables, "");
    let server = Server::from_command(command.env("OTEL_SERVICE_NAME", "").current_dir(folder.path()), Stdio::null());
    assert!(server.get("/ready").unwrap().contains("200 OK"));
    assert!(folder.path().join("atelier.db").exists(), "the default of --database-url applies");
    // The same variables with a value are read.
    let mut command = atelier(&["serve", "--listen", "127.0.0.1:0"]);
    with_variables(&mut command, &variables, "\u{1}");
    assert_eq!(command.output().unwrap().status.code(), Some(2));
}

#[apply(on_postgres)]
async fn an_empty_variable_of_the_database_driver_is_an_unset_one(app: TestApp) {
    let (port, name) = (Cluster::shared().unwrap().port().to_string(), app.database.url.rsplit('/').next().unwrap());
    let status = |user: Option<&str>| {
        let mut command = atelier(&["migrate", "status", "--database-url", &format!("postgres:///{name}")]);
        for name in
            ["HOSTADDR", "PASSWORD", "SSLMODE", "SSLROOTCERT", "SSLCERT", "SSLKEY", "OPTIONS", "APPNAME", "DATABASE"]
        {
            command.env(format!("PG{name}"), "");
        }
        command.env_remove("PGUSER").envs(user.map(|user| ("PGUSER", user)));
        command.envs([("PGHOST", "127.0.0.1"), ("PGPORT", &port)]).output().unwrap()
    };
    let output = status(Some("atelier"));
    assert!(output.status.success(), "{}", text(&output.stderr));
    let message = text(&status(Some("")).stderr);
    assert_eq!(message, text(&status(None).stderr));
    assert!(message.contains("role \"") && message.contains("does not exist"), "{message}");
}

#[test]
fn a_list_has_spaces_and_a_final_comma() {
    let mut command = atelier(&["demo", "--listen", "127.0.0.1:0", "--metrics-listen", "off"]);
    command
        .env("ATELIER_HOSTS", " atelier.example.org , [::1],")
        .env("ATELIER_CORS_ORIGINS", "https://a.example.org, ");
    let server = Server::from_command(&mut command, Stdio::null());
    for (host, status) in [("atelier.example.org", "200"), ("[::1]:8000", "200"), ("localhost", "421")] {
        let head = format!("GET /graphql?query=%7B__typename%7D HTTP/1.1\r\nconnection: close\r\nhost: {host}\r\n");
        let response = server.request(&format!("{head}origin: https://a.example.org\r\n\r\n")).unwrap();
        assert!(response.starts_with(&format!("HTTP/1.1 {status} ")), "{host}: {response}");
    }
    for (flag, value) in [("--cors-origin", ","), ("--host", "a b,"), ("--cors-origin", "https://a.example.org,*")] {
        let output = atelier(&["demo", flag, value]).output().unwrap();
        let message = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{message}");
        assert!(message.contains(flag), "{message}");
    }
}
