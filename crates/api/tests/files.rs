//! The files of SQLite: paths are paths, databases are private, and commands that only read write nothing.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod binary;

use std::{
    collections::BTreeMap,
    fs,
    os::unix::{
        ffi::OsStrExt,
        fs::{PermissionsExt, symlink},
    },
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use binary::{Server, atelier, text};
use macro_rules_attribute::apply;
use tests::{TestApp, a_workshop, on_sqlite};

/// Runs the binary in a folder.
fn run_in(folder: &Path, arguments: &[&str]) -> Output {
    atelier(arguments).current_dir(folder).stdin(Stdio::null()).output().unwrap()
}

#[track_caller]
fn succeed(output: &Output) {
    assert!(output.status.success(), "{}{}", text(&output.stdout), text(&output.stderr));
}

fn mode(file: &Path) -> u32 {
    fs::metadata(file).unwrap().permissions().mode() & 0o777
}

/// The contents of all files of a folder.
fn contents(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    files.map(|file| (file.clone(), fs::read(file).unwrap())).collect()
}

#[apply(on_sqlite)]
async fn a_backup_is_the_file_that_its_path_names(app: TestApp) {
    let workshop = app.given(a_workshop()).await;
    app.register(&workshop, "ann").await.registration();
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    for file in ["file:b.db", "file:b.db?mode=memory", "x%41.db", "ü b.db"] {
        succeed(&run_in(folder, &["backup", file, "--database-url", &app.database.url]));
        let backup = folder.join(file);
        assert!(fs::metadata(&backup).unwrap().len() > 10_000, "{file}");
        assert_eq!(mode(&backup), 0o600, "{file}");
        let url = format!("sqlite:{}", file.replace('%', "%25").replace('?', "%3F"));
        succeed(&run_in(folder, &["doctor", "--database-url", &url]));
    }
    assert_eq!(fs::read_dir(folder).unwrap().count(), 4);
    symlink("nowhere", folder.join("link")).unwrap();
    let output = run_in(folder, &["backup", "link", "--database-url", &app.database.url]);
    assert!(text(&output.stderr).contains("already exists"), "{}", text(&output.stderr));
}

#[apply(on_sqlite)]
async fn a_copy_that_fails_its_check_is_no_backup(app: TestApp) {
    app.given(a_workshop()).await;
    // A value that the schema forbids: the constraint is missing for a moment. Each statement has a new connection.
    let edit_schema = |from: &str, to: &str| {
        format!("PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = replace(sql, '{from}', '{to}')")
    };
    let (required, optional) = (r#""title" text NOT NULL"#, r#""title" text"#);
    app.database.execute(&edit_schema(required, optional)).await.unwrap();
    app.database.execute("UPDATE workshops SET title = NULL").await.unwrap();
    app.database.execute(&edit_schema(optional, required)).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let output = run_in(folder.path(), &["backup", "b.db", "--database-url", &app.database.url]);
    let message = text(&output.stderr);
    assert_eq!((output.status.code(), text(&output.stdout)), (Some(1), String::new()));
    let copy = fs::canonicalize(folder.path().join("b.db.unfinished")).unwrap();
    assert!(message.contains("NULL value in workshops.title"), "{message}");
    assert!(message.contains(copy.to_str().unwrap()), "{message}");
    assert!(!folder.path().join("b.db").exists());
}

#[test]
fn a_new_database_is_private_whatever_its_path_is() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    fs::create_dir(folder.join("there")).unwrap();
    symlink("there/target.db", folder.join("link.db")).unwrap();
    // As on most machines. Without it, a file can be private by accident.
    let in_folder = |script: &str| {
        let mut shell = Command::new("sh");
        let script = format!("umask 022; exec \"$0\" {script}");
        let binary = atelier(&[]).get_program().to_owned();
        shell.args(["-c", &script]).arg(binary).current_dir(folder).env_remove("DATABASE_URL");
        shell.stdin(Stdio::null()).output().unwrap()
    };
    for (path, file) in [
        ("plain.db", "plain.db"),
        ("link.db", "there/target.db"),
        ("file:c.db", "file:c.db"),
        ("there/../d.db", "d.db"),
        ("//e.db?cache=private", "e.db"),
        ("x%41.db", "xA.db"),
    ] {
        succeed(&in_folder(&format!("migrate up --database-url 'sqlite:{path}'")));
        assert_eq!(mode(&folder.join(file)), 0o600, "{path}");
    }
    for (path, reason) in
        [("no/../f.db", "the folder no/.. does not exist"), ("no/f.db", "no does not exist"), ("there", "is a folder")]
    {
        let output = in_folder(&format!("migrate up --database-url 'sqlite:{path}'"));
        let message = text(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{path}: {message}");
        assert!(message.contains(reason) && message.contains(path), "{path}: {message}");
    }
    assert!(!folder.join("f.db").exists());
}

#[test]
fn a_database_that_other_accounts_can_read_produces_a_warning() {
    let folder = tempfile::tempdir().unwrap();
    let status = || {
        let output = run_in(folder.path(), &["migrate", "status", "--database-url", "sqlite:a.db"]);
        succeed(&output);
        text(&output.stderr)
    };
    succeed(&run_in(folder.path(), &["migrate", "up", "--database-url", "sqlite:a.db"]));
    let file = folder.path().join("a.db");
    assert_eq!(status(), "");
    for mode in [0o644, 0o640] {
        fs::set_permissions(&file, fs::Permissions::from_mode(mode)).unwrap();
        let warning = status();
        assert!(warning.contains("other accounts of this machine can read the database"), "{warning}");
        assert!(warning.contains("a.db") && warning.contains("chmod 600"), "{warning}");
    }
}

#[test]
fn a_missing_database_is_reported_by_its_name() {
    let folder = tempfile::tempdir().unwrap();
    let file = fs::canonicalize(folder.path()).unwrap().join("mistyped.db");
    for command in [&["doctor"][..], &["keys", "list"], &["migrate", "status"], &["backup", "b.db"]] {
        let output = run_in(folder.path(), &[command, &["--database-url", "sqlite:mistyped.db"]].concat());
        let message = text(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{message}");
        assert!(message.contains(file.to_str().unwrap()) && message.contains("does not exist"), "{message}");
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

/// Runs the binary as an account that the permissions of files bind: root without its capability to ignore them.
fn run_bound_by_permissions(arguments: &[&str]) -> Output {
    let command = atelier(arguments);
    let is_root = Command::new("id").arg("-u").output().unwrap().stdout == b"0\n";
    let mut bound = Command::new(if is_root { "setpriv".as_ref() } else { command.get_program() });
    if is_root {
        let capabilities = "-dac_override,-dac_read_search";
        bound.args(["--bounding-set", capabilities, "--inh-caps", capabilities]).arg(command.get_program());
    }
    bound.args(command.get_args()).env_remove("DATABASE_URL").stdin(Stdio::null()).output().unwrap()
}

#[apply(on_sqlite)]
async fn commands_that_only_read_change_no_file(app: TestApp) {
    let workshop = app.given(a_workshop()).await;
    app.register(&workshop, "ann").await.registration();
    let folder = tempfile::tempdir().unwrap();
    let backup = folder.path().join("backup.db");
    succeed(&run_in(folder.path(), &["backup", "backup.db", "--database-url", &app.database.url]));
    // The file of a server that has stopped is in WAL mode.
    let stopped = folder.path().join("stopped.db");
    fs::copy(&backup, &stopped).unwrap();
    let urls = [&backup, &stopped].map(|file| format!("sqlite:{}", file.display()));
    succeed(&run_in(folder.path(), &["migrate", "up", "--database-url", &urls[1]]));
    assert_eq!(fs::read(&stopped).unwrap()[18..20], [2, 2]);

    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o555)).unwrap();
    let before = contents(folder.path());
    for url in &urls {
        for command in [&["doctor"][..], &["keys", "list"], &["migrate", "status"]] {
            succeed(&run_bound_by_permissions(&[command, &["--database-url", url]].concat()));
        }
        let repair = run_bound_by_permissions(&["doctor", "--repair", "--database-url", url]);
        assert_eq!(repair.status.code(), Some(1), "a repair needs to write");
    }
    assert!(contents(folder.path()) == before, "a file was changed or created");
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    succeed(&run_in(folder.path(), &["doctor", "--database-url", &urls[0]]));
    assert!(contents(folder.path()) == before, "the checksum of a backup stays, also in a folder that can be written");
}

#[test]
fn the_demo_uses_the_temporary_folder_of_any_name() {
    let folder = tempfile::tempdir().unwrap();
    for (name, holds_demo) in [("x%41", true), ("a?b#c", true), ("", false)] {
        let variable = if name.is_empty() { String::new() } else { folder.path().join(name).display().to_string() };
        fs::create_dir_all(folder.path().join(name)).unwrap();
        let mut command = atelier(&["demo", "--listen", "127.0.0.1:0", "--metrics-listen", "off"]);
        command.env("TMPDIR", &variable).current_dir(folder.path());
        let server = Server::from_command(&mut command, Stdio::null());
        assert!(server.get("/ready").unwrap().contains("200 OK"), "{name}");
        let inside = fs::read_dir(folder.path().join(name)).unwrap().map(|entry| entry.unwrap().file_name());
        let demos = inside.filter(|name| name.as_bytes().starts_with(b"atelier-demo-")).count();
        assert_eq!(demos, usize::from(holds_demo), "{name}");
    }
}
