//! The commands of the README that make a backup and restore it, run as they are written there, while guests register.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod binary;

use std::{
    collections::BTreeSet,
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::{
        Mutex,
        atomic::{AtomicBool, Ordering},
    },
};

use binary::{Server, atelier, run, text};
use macro_rules_attribute::apply;
use serde_json::{Value, json};
use tests::{Backend, Cluster, TestApp, Workshop, a_workshop, admin, on_each_database, postgres_programs};

/// The block of commands of the README in which this word stands.
fn written(word: &str) -> &'static str {
    let readme = include_str!("../../../README.md");
    let (_, section) = readme.split_once("\n## Backup and restore\n").unwrap();
    let section = section.split("\n## ").next().unwrap();
    let mut blocks = section.split("```sh\n").skip(1).map(|block| block.split("```").next().unwrap());
    blocks.find(|block| block.contains(word)).unwrap()
}

/// Runs commands in a folder, as somebody does who has the programs at hand.
fn run_in(folder: &Path, commands: &str, variables: &[(&str, &str)]) {
    let own = PathBuf::from(env!("CARGO_BIN_EXE_atelier")).parent().unwrap().to_owned();
    let path = std::env::var_os("PATH").unwrap();
    let folders = [Some(own), postgres_programs()].into_iter().flatten().chain(std::env::split_paths(&path));
    let mut shell = Command::new("sh");
    shell.args(["-euxc", commands]).current_dir(folder).env("PATH", std::env::join_paths(folders).unwrap());
    let output = shell.envs(variables.iter().copied()).stdin(Stdio::null()).output().unwrap();
    assert!(output.status.success(), "{}{}", text(&output.stdout), text(&output.stderr));
}

fn ask(server: &Server, query: &str, variables: &Value) -> Value {
    let answer = server.post(&json!({ "query": query, "variables": variables }).to_string()).unwrap();
    let (_, body) = answer.split_once("\r\n\r\n").unwrap();
    let answer: Value = serde_json::from_str(body).unwrap();
    assert!(answer.get("errors").is_none(), "{answer:#}");
    answer["data"].clone()
}

fn register(server: &Server, workshop: &Workshop, guest: &str) -> String {
    let query = "mutation ($workshopId: ID!, $input: RegisterGuestInput!) {
        registerGuest(workshopId: $workshopId, input: $input) { ... on Registration { id } } }";
    let input = json!({ "trackId": workshop.tracks[0], "guestId": guest, "centerId": workshop.center });
    let data = ask(server, query, &json!({ "workshopId": workshop.id, "input": input }));
    data["registerGuest"]["id"].as_str().unwrap().to_owned()
}

/// The registrations of which the journal tells behind a cursor, and the cursor at its end.
fn changes(server: &Server, mut after: Option<String>) -> (Vec<String>, Option<String>) {
    let query = "query ($after: String) { changes(first: 100, after: $after) {
        pageInfo { hasNextPage endCursor } nodes { registration { id } } } }";
    let mut told = Vec::new();
    loop {
        let page = ask(server, query, &json!({ "after": after }))["changes"].clone();
        let nodes = page["nodes"].as_array().unwrap().iter();
        told.extend(nodes.map(|node| node["registration"]["id"].as_str().unwrap().to_owned()));
        after = page["pageInfo"]["endCursor"].as_str().map(str::to_owned).or(after);
        if page["pageInfo"]["hasNextPage"] == false {
            return (told, after);
        }
    }
}

/// Registers guests without a pause while a backup is made; answers with those registrations that were acknowledged before
/// it began.
fn back_up(server: &Server, workshop: &Workshop, guests: &[String], make: impl FnOnce()) -> Vec<String> {
    let (acknowledged, left, is_over) = (Mutex::new(Vec::new()), Mutex::new(guests.iter()), AtomicBool::new(false));
    let call = || {
        while !is_over.load(Ordering::Relaxed) {
            let guest = left.lock().unwrap().next().expect("there are guests enough");
            let id = register(server, workshop, guest);
            acknowledged.lock().unwrap().push(id);
        }
    };
    let until = |number: usize| {
        while acknowledged.lock().unwrap().len() < number {
            std::thread::yield_now();
        }
    };
    std::thread::scope(|scope| {
        (0..3).for_each(|_| drop(scope.spawn(call)));
        until(50);
        let before = acknowledged.lock().unwrap().clone();
        make();
        let after = acknowledged.lock().unwrap().len();
        // Writing goes on.
        until(after + 5);
        is_over.store(true, Ordering::Relaxed);
        before
    })
}

#[apply(on_each_database)]
async fn what_was_acknowledged_before_a_backup_is_in_it(app: TestApp) {
    let workshop = app.given(a_workshop().capacity(None).window(None, None)).await;
    let names: Vec<_> = (0..5_000).map(|number| format!("guest {number}")).collect();
    let guests = app.guests(&names).await;
    let key = app.key(admin()).await;
    app.store.close().await;
    let server = Server::start(&["serve", "--database-url", &app.database.url]).client_with_access(&key);
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let variables = [("DATABASE_URL", &*app.database.url)];

    let elsewhere = (app.backend() == Backend::Postgres).then(|| Cluster::durable().unwrap());
    let (acknowledged, restored) = match &elsewhere {
        None => {
            let back = || run_in(folder, written("atelier backup"), &variables);
            let acknowledged = back_up(&server, &workshop, &guests, back);
            let mode = fs::metadata(folder.join("backup.db")).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600, "no other account of the machine reads what is known of people");
            // What is left of the database in whose place it is put.
            fs::write(folder.join("atelier.db"), "not whole").unwrap();
            fs::write(folder.join("atelier.db-wal"), "of another database").unwrap();
            run_in(folder, written("install"), &variables);
            (acknowledged, format!("sqlite:{}", folder.join("atelier.db").display()))
        }
        Some(cluster) => {
            let back = || run_in(folder, written("pg_dump"), &variables);
            let acknowledged = back_up(&server, &workshop, &guests, back);
            let port = cluster.port().to_string();
            let there = [("PGHOST", "127.0.0.1"), ("PGPORT", &*port), ("PGUSER", "atelier")];
            run_in(folder, written("pg_restore"), &there);
            (acknowledged, cluster.url("atelier"))
        }
    };
    let last = register(&server, &workshop, guests.last().unwrap());
    drop(server);

    let server = Server::start(&["serve", "--database-url", &restored]).client_with_access(&key);
    let doctor = run(&["doctor", "--database-url", &restored]);
    assert!(doctor.status.success(), "{}", text(&doctor.stdout));
    let (told, end) = changes(&server, None);
    let there: BTreeSet<_> = told.iter().collect();
    assert!(acknowledged.len() >= 50);
    for id in &acknowledged {
        let found = ask(&server, "query ($id: ID!) { registration(id: $id) { status } }", &json!({ "id": id }));
        assert_eq!(found["registration"]["status"], "REGISTERED", "{id} was lost");
        assert!(there.contains(id), "the journal does not tell of {id}");
    }
    assert!(!there.contains(&last), "what came afterwards is not in it");
    let new = register(&server, &workshop, guests.last().unwrap());
    assert_eq!(changes(&server, end).0, [new], "who reads the journal goes on");
}

#[apply(on_each_database)]
async fn a_backup_that_cannot_be_made_says_why_and_leaves_nothing(app: TestApp) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("there");
    fs::write(&file, "").unwrap();
    let backup = |file: &Path| {
        let mut command = atelier(&["backup", file.to_str().unwrap(), "--database-url", &app.database.url]);
        let output = command.output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{}", text(&output.stdout));
        text(&output.stderr)
    };
    let words = match app.backend() {
        Backend::Sqlite => ["is there already", "cannot write"],
        Backend::Postgres => ["pg_dump"; 2],
    };
    for (file, word) in [file, folder.path().join("no folder/backup.db")].iter().zip(words) {
        let said = backup(file);
        assert!(said.contains(word), "{said}");
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}
