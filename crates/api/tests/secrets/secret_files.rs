//! `--database-url-file`, and messages about a URL with a password.

use std::fs;

use tempfile::TempDir;

use crate::{
    MARKER,
    binary::{atelier, run, text},
};

fn write(folder: &TempDir, name: &str, content: &str) -> String {
    let path = folder.path().join(name);
    fs::write(&path, content).unwrap();
    path.display().to_string()
}

fn file_with_url(folder: &TempDir) -> String {
    write(folder, "good", &format!("sqlite:{}\r\n", folder.path().join("a.db").display()))
}

#[test]
fn a_database_url_can_be_read_from_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = file_with_url(&folder);
    assert!(run(&["migrate", "up", "--database-url-file", &file]).status.success());
    let by_variable = atelier(&["doctor"]).env("DATABASE_URL_FILE", &file).output().unwrap();
    assert!(by_variable.status.success(), "{}", text(&by_variable.stderr));
}

#[test]
fn an_invalid_secret_file_is_rejected_without_its_content() {
    let folder = tempfile::tempdir().unwrap();
    let missing = folder.path().join("missing").display().to_string();
    let port = format!("postgres://atelier:{MARKER}@127.0.0.1:{MARKER}/a");
    for (file, reason) in [
        (missing, "No such file"),
        (write(&folder, "empty", "\n"), "empty"),
        (write(&folder, "wrong", &format!("mysql://{MARKER}")), "--database-url"),
        (write(&folder, "port", &port), "--database-url"),
    ] {
        let output = run(&["doctor", "--database-url-file", &file]);
        let message = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{message}");
        assert!(message.contains(reason) && !message.contains(MARKER), "{message}");
    }
}

#[test]
fn a_database_url_and_a_file_with_one_are_rejected_together() {
    let folder = tempfile::tempdir().unwrap();
    let file = file_with_url(&folder);
    let mut command = atelier(&["doctor", "--database-url", &format!("sqlite:{MARKER}")]);
    let output = command.env("DATABASE_URL_FILE", file).output().unwrap();
    assert_eq!(output.status.code(), Some(2), "the URL is given twice");
    assert!(!text(&output.stderr).contains(MARKER));
}

#[test]
fn a_failed_connection_is_reported_without_the_password() {
    let unreachable = format!("postgres://atelier:{MARKER}@127.0.0.1:1/a?nonsense={MARKER}");
    let output = run(&["doctor", "--database-url", &unreachable, "--log", "trace"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(!text(&output.stderr).contains(MARKER), "{}", text(&output.stderr));
}
