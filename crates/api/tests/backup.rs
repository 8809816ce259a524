//! Runs the backup and restore commands of docs/operating.md as they are written, while guests register.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod binary;

use std::{
    collections::BTreeSet,
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::{
        Condvar, Mutex,
        atomic::{AtomicBool, Ordering},
    },
};

use binary::{Server, atelier, run, text};
use macro_rules_attribute::apply;
use serde_json::{Value, json};
use tests::{Backend, Cluster, TestApp, Workshop, a_workshop, admin, on_each_database, postgres_programs};

/// The block of commands of docs/operating.md that contains a word.
fn documented_commands(word: &str) -> &'static str {
    let operating = include_str!("../../../docs/operating.md");
    let (_, section) = operating.split_once("\n## Backup and restore\n").unwrap();
    let section = section.split("\n## ").next().unwrap();
    let mut blocks = section.split("```sh\n").skip(1).map(|block| block.split("```").next().unwrap());
    blocks.find(|block| block.contains(word)).unwrap()
}

/// Runs commands in a folder, with `atelier` and the programs of PostgreSQL on the path.
fn run_in(folder: &Path, commands: &str, variables: &[(&str, &str)]) {
    let built = PathBuf::from(env!("CARGO_BIN_EXE_atelier")).parent().unwrap().to_owned();
    let path = std::env::var_os("PATH").unwrap();
    let folders = [Some(built), postgres_programs()].into_iter().flatten().chain(std::env::split_paths(&path));
    let mut shell = Command::new("sh");
    shell.args(["-euxc", commands]).current_dir(folder).env("PATH", std::env::join_paths(folders).unwrap());
    let output = shell.envs(variables.iter().copied()).stdin(Stdio::null()).output().unwrap();
    assert!(output.status.success(), "{}{}", text(&output.stdout), text(&output.stderr));
}

fn graphql(server: &Server, query: &str, variables: &Value) -> Value {
    let response = server.post(&json!({ "query": query, "variables": variables }).to_string()).unwrap();
    let (_, body) = response.split_once("\r\n\r\n").unwrap();
    let body: Value = serde_json::from_str(body).unwrap();
    assert!(body.get("errors").is_none(), "{body:#}");
    body["data"].clone()
}

fn register(server: &Server, workshop: &Workshop, guest: &str) -> String {
    let query = "mutation ($workshopId: ID!, $input: RegisterGuestInput!) {
        registerGuest(workshopId: $workshopId, input: $input) { ... on Registration { id } } }";
    let input = json!({ "trackId": workshop.tracks[0], "guestId": guest, "centerId": workshop.center });
    let data = graphql(server, query, &json!({ "workshopId": workshop.id, "input": input }));
    data["registerGuest"]["id"].as_str().unwrap().to_owned()
}

/// Reads the journal after a cursor: the ids of the registrations, and the cursor of the last entry.
fn changes(server: &Server, mut after: Option<String>) -> (Vec<String>, Option<String>) {
    let query = "query ($after: String) { changes(first: 100, after: $after) {
        pageInfo { hasNextPage endCursor } nodes { registration { id } } } }";
    let mut registrations = Vec::new();
    loop {
        let page = graphql(server, query, &json!({ "after": after }))["changes"].clone();
        let nodes = page["nodes"].as_array().unwrap().iter();
        registrations.extend(nodes.map(|node| node["registration"]["id"].as_str().unwrap().to_owned()));
        after = page["pageInfo"]["endCursor"].as_str().map(str::to_owned).or(after);
        if page["pageInfo"]["hasNextPage"] == false {
            return (registrations, after);
        }
    }
}

/// Registers guests continuously during a backup, and returns the registrations that the server acknowledged before the
/// backup began.
fn back_up(server: &Server, workshop: &Workshop, guests: &[String], make_backup: impl FnOnce()) -> Vec<String> {
    let (acknowledged, has_more) = (Mutex::new(Vec::new()), Condvar::new());
    let (remaining, is_over) = (Mutex::new(guests.iter()), AtomicBool::new(false));
    let register_guests = || {
        while !is_over.load(Ordering::Relaxed) {
            let guest = remaining.lock().unwrap().next().expect("enough guests for the whole backup");
            let id = register(server, workshop, guest);
            acknowledged.lock().unwrap().push(id);
            has_more.notify_one();
        }
    };
    let wait_for = |number: usize| {
        has_more.wait_while(acknowledged.lock().unwrap(), |acknowledged| acknowledged.len() < number).unwrap().clone()
    };
    std::thread::scope(|scope| {
        (0..3).for_each(|_| drop(scope.spawn(register_guests)));
        let before = wait_for(50);
        make_backup();
        let after = acknowledged.lock().unwrap().len();
        // The backup does not stop the server from accepting registrations.
        wait_for(after + 5);
        is_over.store(true, Ordering::Relaxed);
        before
    })
}

#[apply(on_each_database)]
async fn a_backup_contains_every_change_acknowledged_before_it_began(app: TestApp) {
    let workshop = app.given(a_workshop().capacity(None).window(None, None)).await;
    let names: Vec<_> = (0..5_000).map(|number| format!("guest {number}")).collect();
    let guests = app.guests(&names).await;
    let key = app.key(admin()).await;
    app.store.close().await;
    let server = Server::start(&["serve", "--database-url", &app.database.url]).with_api_key(&key);
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let variables = [("DATABASE_URL", &*app.database.url)];

    let target_cluster = (app.backend() == Backend::Postgres).then(|| Cluster::durable().unwrap());
    let (acknowledged, restored) = match &target_cluster {
        None => {
            let make_backup = || run_in(folder, documented_commands("atelier backup"), &variables);
            let acknowledged = back_up(&server, &workshop, &guests, make_backup);
            let mode = fs::metadata(folder.join("backup.db")).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600, "other accounts of the machine cannot read personal data");
            // The remains of a damaged database, which the restore replaces.
            fs::write(folder.join("atelier.db"), "not whole").unwrap();
            fs::write(folder.join("atelier.db-wal"), "of another database").unwrap();
            run_in(folder, documented_commands("install"), &variables);
            (acknowledged, format!("sqlite:{}", folder.join("atelier.db").display()))
        }
        Some(cluster) => {
            let make_backup = || run_in(folder, documented_commands("pg_dump"), &variables);
            let acknowledged = back_up(&server, &workshop, &guests, make_backup);
            let port = cluster.port().to_string();
            let target = [("PGHOST", "127.0.0.1"), ("PGPORT", &*port), ("PGUSER", "postgres")];
            // As on a real machine: the superuser is another role than that of the servers.
            run_in(
                folder,
                "psql --username=atelier --dbname=postgres --command='CREATE ROLE other SUPERUSER LOGIN'
                 psql --username=other --dbname=postgres --command='ALTER ROLE atelier RENAME TO postgres'
                 psql --dbname=postgres --command='CREATE ROLE atelier LOGIN'",
                &target,
            );
            run_in(folder, documented_commands("pg_restore"), &target);
            (acknowledged, cluster.url("atelier"))
        }
    };
    let after_backup = register(&server, &workshop, guests.last().unwrap());
    drop(server);

    let server = Server::start(&["serve", "--database-url", &restored]).with_api_key(&key);
    let doctor = run(&["doctor", "--database-url", &restored]);
    assert!(doctor.status.success(), "{}", text(&doctor.stdout));
    let (journal, end) = changes(&server, None);
    let journal: BTreeSet<_> = journal.iter().collect();
    assert!(acknowledged.len() >= 50);
    for id in &acknowledged {
        let query = "query ($id: ID!) { registration(id: $id) { status } }";
        let data = graphql(&server, query, &json!({ "id": id }));
        assert_eq!(data["registration"]["status"], "REGISTERED", "{id} was lost");
        assert!(journal.contains(id), "the journal has no entry for {id}");
    }
    assert!(!journal.contains(&after_backup), "the backup does not contain later changes");
    let new = register(&server, &workshop, guests.last().unwrap());
    assert_eq!(changes(&server, end).0, [new], "a reader of the journal continues after its cursor");
}

#[apply(on_each_database)]
async fn a_failed_backup_gives_the_reason_and_leaves_no_file(app: TestApp) {
    let folder = tempfile::tempdir().unwrap();
    let existing = folder.path().join("there");
    fs::write(&existing, "").unwrap();
    let backup = |file: &Path| {
        let mut command = atelier(&["backup", file.to_str().unwrap(), "--database-url", &app.database.url]);
        let output = command.output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{}", text(&output.stdout));
        text(&output.stderr)
    };
    let words = match app.backend() {
        Backend::Sqlite => ["already exists", "cannot write"],
        Backend::Postgres => ["pg_dump"; 2],
    };
    for (file, word) in [existing, folder.path().join("no folder/backup.db")].iter().zip(words) {
        let message = backup(file);
        assert!(message.contains(word), "{message}");
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}
