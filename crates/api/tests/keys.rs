//! API keys at the command line, and the first of an installation.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod binary;

use std::{io::BufRead, os::unix::fs::PermissionsExt};

use binary::{Server, run, text};
use tests::ApiKey;

#[test]
fn a_new_installation_begins_with_a_key_and_is_not_served_to_the_world_before() {
    let folder = tempfile::tempdir().unwrap();
    let database = format!("sqlite:{}", folder.path().join("a.db").display());
    let serve = ["serve", "--listen", "0.0.0.0:0", "--database-url", &database];
    let refused = run(&serve);
    assert_eq!(refused.status.code(), Some(1));
    assert!(text(&refused.stderr).contains("atelier keys create --role admin"), "{}", text(&refused.stderr));
    let mut server = Server::start(&["serve", "--database-url", &database]);
    let mut hint = String::new();
    server.out.read_line(&mut hint).unwrap();
    assert!(hint.contains("atelier keys create --role admin"), "{hint}");
    drop(server);

    std::fs::remove_dir_all(folder.path()).unwrap();
    std::fs::create_dir(folder.path()).unwrap();
    let made = run(&["keys", "create", "--role", "admin", "--database-url", &database]);
    assert!(made.status.success(), "{}", text(&made.stderr));
    let key = text(&made.stdout);
    assert!(key.starts_with("atl_") && key.lines().count() == 1, "the key alone goes to standard output: {key}");
    let secret = key.trim().rsplit('_').next().unwrap();
    assert!(!text(&made.stderr).contains(secret));
    let mode = std::fs::metadata(folder.path().join("a.db")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600, "no other account of the machine reads what is known of people");
    let key = ApiKey { id: String::new(), prefix: String::new(), text: key.trim().to_owned() };
    let server =
        Server::start_on("0.0.0.0:0", &["serve", "--no-public", "--database-url", &database]).client_with_access(&key);
    let answer = server.post(r#"{ "query": "{ viewer { role } }" }"#).unwrap();
    assert!(answer.contains("ADMIN"), "{answer}");
    assert!(server.get("/graphql?query=%7B__typename%7D").unwrap().contains("401 Unauthorized"));
}

#[test]
fn keys_are_made_listed_replaced_and_revoked() {
    let folder = tempfile::tempdir().unwrap();
    let database = format!("sqlite:{}", folder.path().join("a.db").display());
    let keys = |arguments: &[&str]| {
        let output = run(&[&["keys"], arguments, &["--database-url", &database]].concat());
        (output.status.code(), text(&output.stdout).trim_end().to_owned(), text(&output.stderr))
    };
    let (_, first, _) =
        keys(&["create", "--role", "partner", "--scope", "guests:read", "--name", "Shop", "--expires", "30"]);
    let prefix = &first[..12];
    let (_, second, _) = keys(&["rotate", prefix, "--overlap", "0"]);
    assert_ne!(first, second);
    let states = || {
        let (code, listed, _) = keys(&["list"]);
        assert_eq!(code, Some(0));
        assert!(![&first, &second].into_iter().any(|key| listed.contains(&key[13..])), "no secret is listed: {listed}");
        let columns = listed.lines().map(|line| line.split('\t').map(str::to_owned).collect::<Vec<_>>());
        columns.map(|line| (line[0].clone(), line[2].clone(), line[5].clone())).collect::<Vec<_>>()
    };
    let line = |key: &str, state: &str| (key[..12].to_owned(), state.to_owned(), "Shop".to_owned());
    assert_eq!(states(), [line(&second, "active"), line(&first, "expired")]);
    // As a whole, as it was found somewhere; what is none is not repeated.
    let (code, said, told) = keys(&["revoke", &second]);
    assert_eq!((code, said.as_str()), (Some(0), ""));
    assert!(!told.contains(&second[13..]), "{told}");
    let almost = &second[1..];
    let (code, said, told) = keys(&["revoke", almost]);
    assert_eq!((code, said.as_str(), told.contains(&almost[13..])), (Some(2), "", false), "{told}");
    assert_eq!(states(), [line(&second, "revoked"), line(&first, "expired")]);
    for (arguments, word) in [
        (&["rotate", prefix][..], "API key is invalid"),
        (&["revoke", "atl_00000000"], "API key is invalid"),
        (&["rotate", prefix, "--overlap", "721"], "--overlap"),
        (&["create", "--role", "staff"], "--center"),
        (&["create", "--role", "admin", "--name", ""], "--name"),
        (&["create", "--role", "admin", "--expires", "0"], "--expires"),
    ] {
        let (code, out, said) = keys(arguments);
        assert_eq!((code, out.as_str()), (Some(1), ""), "{arguments:?}: {said}");
        assert!(said.contains(word), "{arguments:?}: {said}");
    }
}
