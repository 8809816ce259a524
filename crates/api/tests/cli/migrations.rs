//! `atelier migrate`, and what other commands report about migrations and permissions.

use std::{fs::File, process::Output};

use macro_rules_attribute::apply;
use tests::{Backend, Database, TestApp, on_each_database};

use crate::binary::{Server, run, text};

const NEWER: &str = "m20991231_000001_of_a_newer_version";

#[test]
fn migrations_are_applied_reverted_and_listed() {
    let folder = tempfile::tempdir().unwrap();
    let database = format!("sqlite:{}", folder.path().join("a.db").display());
    let migrate = |arguments: &[&str]| run(&[&["migrate"], arguments, &["--database-url", &database]].concat());
    let lines = |output: &Output, prefix: &str| {
        let listed = text(&output.stdout);
        let names = listed.lines().filter_map(|line| line.strip_prefix(prefix)).map(str::to_owned);
        names.collect::<Vec<_>>()
    };
    assert_eq!(migrate(&["status"]).status.code(), Some(1), "the status of a mistyped path creates no database");

    let first = migrate(&["up"]);
    let all = lines(&first, "applied ");
    assert!(first.status.success() && all.len() > 2, "{first:?}");
    assert_eq!(text(&migrate(&["up"]).stdout), "No migration is pending.\n");

    let unconfirmed = migrate(&["down", "--steps", "2"]);
    let last_two = [all[all.len() - 1].clone(), all[all.len() - 2].clone()];
    assert_eq!(unconfirmed.status.code(), Some(1));
    assert!(text(&unconfirmed.stderr).contains("--yes"), "{unconfirmed:?}");
    assert_eq!(lines(&unconfirmed, "would revert "), last_two);
    assert_eq!(lines(&migrate(&["status"]), "applied "), all, "nothing was reverted");

    let down = migrate(&["down", "--steps", "2", "--yes"]);
    assert!(down.status.success(), "{down:?}");
    assert_eq!(lines(&down, "reverted "), last_two);
    assert_eq!(lines(&migrate(&["status"]), "pending "), all[all.len() - 2..]);
    // Only the pending ones.
    assert_eq!(lines(&migrate(&["up"]), "applied "), all[all.len() - 2..]);
}

#[test]
fn a_server_logs_the_migrations_that_it_applies() {
    let folder = tempfile::tempdir().unwrap();
    let database = format!("sqlite:{}", folder.path().join("a.db").display());
    let log = |name: &str| {
        let file = folder.path().join(name);
        let server = Server::start_with_log(&["serve", "--database-url", &database], File::create(&file).unwrap());
        drop(server);
        std::fs::read_to_string(file).unwrap()
    };
    let first = log("first");
    let status = text(&run(&["migrate", "status", "--database-url", &database]).stdout);
    for name in status.lines().map(|line| line.strip_prefix("applied ").unwrap()) {
        assert!(first.contains(&format!("migration applied name=\"{name}\"")), "{name} in {first}");
    }
    let second = log("second");
    assert!(!second.contains("migration"), "{second}");
}

#[apply(on_each_database)]
async fn a_program_that_is_older_than_the_schema_reports_it(app: TestApp) {
    let url = ["--database-url", &app.database.url];
    let insert = format!("INSERT INTO seaql_migrations (version, applied_at) VALUES ('{NEWER}', 0)");
    app.database.execute(&insert).await.unwrap();

    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("log");
    // It serves nevertheless: during a rolling restart the first new server has migrated the database.
    drop(Server::start_with_log(&[&["serve"], &url[..]].concat(), File::create(&log).unwrap()));
    let log = std::fs::read_to_string(log).unwrap();
    for message in [log, text(&run(&[&["doctor"], &url[..]].concat()).stderr)] {
        assert!(message.contains("older than the schema") && message.contains(NEWER), "{message}");
    }
    let status = text(&run(&[&["migrate", "status"], &url[..]].concat()).stdout);
    assert!(status.contains(&format!("applied {NEWER} (of a newer version)")), "{status}");

    for change in [&["migrate", "down", "--yes"][..], &["migrate", "up"]] {
        if change[1] == "up" {
            let last = "DELETE FROM seaql_migrations WHERE version LIKE 'm20261126%'";
            app.database.execute(last).await.unwrap();
        }
        let output = run(&[change, &url].concat());
        let message = text(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{message}");
        assert!(message.contains(&format!("{NEWER} of a newer version of Atelier")), "{message}");
    }
}

#[tokio::test]
async fn a_missing_permission_is_not_a_missing_migration() {
    let Some(database) = Database::migrated(Backend::Postgres).await else { return };
    let name = database.url.rsplit_once('/').unwrap().1;
    let role = format!("role_of_{name}");
    let url = database.url.replace("//atelier@", &format!("//{role}@"));
    database.execute(&format!("CREATE ROLE {role} LOGIN")).await.unwrap();
    let commands = [
        &["doctor"][..],
        &["serve", "--listen", "127.0.0.1:0"],
        &["keys", "list"],
        &["migrate", "status"],
        &["migrate", "up"],
    ];
    let expect = |commands: &[&[&str]], words: &[&str]| {
        for command in commands {
            let output = run(&[command, &["--database-url", &url][..]].concat());
            let message = text(&output.stderr);
            assert_eq!(output.status.code(), Some(1), "{command:?}: {message}");
            for word in words.iter().chain(&["no permission", &*role]) {
                assert!(message.contains(word), "{command:?}: {message}");
            }
            assert!(!message.contains("pending"), "{command:?}: {message}");
        }
    };
    // A superuser restored the database, and its tables belong to that superuser.
    expect(&commands, &["cannot read the tables in schema public", "belong to \"atelier\"", "--role"]);

    database.execute("REVOKE USAGE ON SCHEMA public FROM PUBLIC").await.unwrap();
    expect(&commands, &["cannot use schema public", "ALTER DATABASE"]);

    // A new database that belongs to another role.
    let empty = Database::empty(Backend::Postgres).await.unwrap();
    let url = empty.url.replace("//atelier@", &format!("//{role}@"));
    let output = run(&["migrate", "up", "--database-url", &url]);
    let message = text(&output.stderr);
    assert!(message.contains("cannot create tables in schema public"), "{message}");
    let (_, statement) = message.split_once(": ALTER").unwrap();
    empty.execute(&format!("ALTER {}", statement.trim())).await.unwrap();
    let output = run(&["migrate", "up", "--database-url", &url]);
    assert!(output.status.success(), "the documented statement is enough: {}", text(&output.stderr));
}
