//! API keys on the command line, and the first key of an installation.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod binary;

use std::{io::BufRead, os::unix::fs::PermissionsExt};

use binary::{Server, run, text};
use tests::ApiKey;

#[test]
fn a_new_installation_listens_only_on_loopback_until_a_key_exists() {
    let folder = tempfile::tempdir().unwrap();
    let database = format!("sqlite:{}", folder.path().join("a.db").display());
    let serve = ["serve", "--listen", "0.0.0.0:0", "--database-url", &database];
    let refused = run(&serve);
    assert_eq!(refused.status.code(), Some(1));
    assert!(text(&refused.stderr).contains("atelier keys create --role admin"), "{}", text(&refused.stderr));
    let mut server = Server::start(&["serve", "--database-url", &database]);
    let mut hint = String::new();
    server.stdout.read_line(&mut hint).unwrap();
    assert!(hint.contains("atelier keys create --role admin"), "{hint}");
    drop(server);

    std::fs::remove_dir_all(folder.path()).unwrap();
    std::fs::create_dir(folder.path()).unwrap();
    let created = run(&["keys", "create", "--role", "admin", "--database-url", &database]);
    assert!(created.status.success(), "{}", text(&created.stderr));
    let key = text(&created.stdout);
    assert!(key.starts_with("atl_") && key.lines().count() == 1, "standard output has only the key: {key}");
    let secret = key.trim().rsplit('_').next().unwrap();
    assert!(!text(&created.stderr).contains(secret));
    let mode = std::fs::metadata(folder.path().join("a.db")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600, "other accounts of the machine cannot read personal data");
    let key = ApiKey { id: String::new(), prefix: String::new(), text: key.trim().to_owned() };
    let server =
        Server::start_on("0.0.0.0:0", &["serve", "--no-public", "--database-url", &database]).with_api_key(&key);
    let response = server.post(r#"{ "query": "{ viewer { role } }" }"#).unwrap();
    assert!(response.contains("ADMIN"), "{response}");
    assert!(server.get("/graphql?query=%7B__typename%7D").unwrap().contains("401 Unauthorized"));
}

#[test]
fn keys_are_created_listed_rotated_and_revoked() {
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
        assert!(
            ![&first, &second].into_iter().any(|key| listed.contains(&key[13..])),
            "the list contains no secret: {listed}"
        );
        let columns = listed.lines().map(|line| line.split('\t').map(str::to_owned).collect::<Vec<_>>());
        columns.map(|line| (line[0].clone(), line[2].clone(), line[5].clone())).collect::<Vec<_>>()
    };
    let row = |key: &str, state: &str| (key[..12].to_owned(), state.to_owned(), "Shop".to_owned());
    assert_eq!(states(), [row(&second, "active"), row(&first, "expired")]);
    // A leaked key can be revoked by its whole text. Neither output repeats its secret, even if the key is malformed.
    let (code, stdout, stderr) = keys(&["revoke", &second]);
    assert_eq!((code, stdout.as_str()), (Some(0), ""));
    assert!(!stderr.contains(&second[13..]), "{stderr}");
    let malformed = &second[1..];
    let (code, stdout, stderr) = keys(&["revoke", malformed]);
    assert_eq!((code, stdout.as_str(), stderr.contains(&malformed[13..])), (Some(2), "", false), "{stderr}");
    assert_eq!(states(), [row(&second, "revoked"), row(&first, "expired")]);
    for (arguments, word) in
        [(&["rotate", prefix][..], "API key is invalid"), (&["revoke", "atl_00000000"], "API key is invalid")]
    {
        let (code, stdout, stderr) = keys(arguments);
        assert_eq!((code, stdout.as_str()), (Some(1), ""), "{arguments:?}: {stderr}");
        assert!(stderr.contains(word), "{arguments:?}: {stderr}");
    }
    for (arguments, word) in [
        (&["rotate", prefix, "--overlap", "721"][..], "--overlap"),
        (&["create", "--role", "staff"], "--center"),
        (&["create", "--role", "admin", "--name", ""], "--name"),
        (&["create", "--role", "admin", "--expires", "0"], "--expires"),
    ] {
        let (code, stdout, stderr) = keys(arguments);
        assert_eq!((code, stdout.as_str()), (Some(2), ""), "{arguments:?}: {stderr}");
        assert!(stderr.contains(word), "{arguments:?}: {stderr}");
    }
}
