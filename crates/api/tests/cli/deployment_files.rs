//! The files of `ops/` and the commands of docs/deployment.md use flags and variables that exist.

use std::{collections::BTreeSet, fs, path::Path};

use clap::{Command, error::ErrorKind};

fn read(path: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap();
    fs::read_to_string(root.join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

const FILES: [&str; 6] = [
    "docs/deployment.md",
    "ops/container/Containerfile",
    "ops/container/compose.yaml",
    "ops/systemd/atelier.service",
    "ops/nginx/atelier.conf",
    "ops/caddy/Caddyfile",
];

/// Calls a function for each flag of a command and of its subcommands.
fn for_each_flag(command: &Command, visit: &mut impl FnMut(&clap::Arg)) {
    command.get_arguments().for_each(&mut *visit);
    command.get_subcommands().for_each(|subcommand| for_each_flag(subcommand, visit));
}

/// The words of a text that have one of these prefixes.
fn words<'text>(text: &'text str, prefixes: &'text [&str]) -> impl Iterator<Item = &'text str> {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric() && !"_-".contains(c));
    words.filter(|word| prefixes.iter().any(|prefix| word.starts_with(prefix) && word.len() > prefix.len()))
}

#[test]
fn variables_and_flags_in_the_deployment_files_exist() {
    let (mut variables, mut flags) = (BTreeSet::new(), BTreeSet::new());
    for_each_flag(&api::cli::command(), &mut |argument| {
        variables.extend(argument.get_env().and_then(|name| name.to_str()).map(str::to_owned));
        flags.extend(argument.get_long().map(|name| format!("--{name}")));
    });
    let mut used = 0;
    for file in FILES {
        let text = read(file);
        for variable in words(&text, &["ATELIER_", "DATABASE_URL"]) {
            assert!(variables.contains(variable), "{file}: no flag has the variable {variable}");
            used += 1;
        }
        // Other programs have flags, too. These are in comments or in commands of Atelier.
        let ours = text.lines().filter(|line| line.trim_start().starts_with('#') && !line.contains("podman"));
        for flag in
            ours.flat_map(|line| words(line, &["--"])).filter(|flag| !["--format", "--rm", "--detach"].contains(flag))
        {
            assert!(flags.contains(flag), "{file}: the flag {flag} does not exist");
            used += 1;
        }
    }
    assert!(used > 15, "{used}");
}

/// The words of a JSON list after this text, in a line of a file.
fn list_after(file: &str, start: &str) -> Vec<String> {
    let text = read(file);
    let line = text.lines().map(str::trim).find(|line| line.starts_with(start)).unwrap_or_else(|| panic!("{start}"));
    serde_json::from_str(&line[line.find('[').unwrap()..]).unwrap()
}

#[test]
fn the_commands_of_the_container_can_be_parsed() {
    let containerfile = "ops/container/Containerfile";
    let program = list_after(containerfile, "ENTRYPOINT");
    let commands = [
        [program.clone(), list_after(containerfile, "CMD")].concat(),
        list_after(containerfile, "HEALTHCHECK"),
        list_after("ops/container/compose.yaml", r#"test: ["CMD", "/usr/local/bin/atelier""#)[1..].to_vec(),
    ];
    for command in commands {
        assert_eq!(command[0], program[0]);
        let parsed = api::cli::command().try_get_matches_from(&command);
        assert!(parsed.is_ok(), "{command:?}: {parsed:?}");
        let wrong = [command.clone(), vec!["--nonsense".to_owned()]].concat();
        let refused = api::cli::command().try_get_matches_from(&wrong).unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::UnknownArgument);
    }
}

#[test]
fn the_container_runs_without_a_shell_and_not_as_root() {
    let containerfile = read("ops/container/Containerfile");
    let instructions: Vec<_> = containerfile.lines().filter(|line| !line.starts_with('#')).collect();
    let last_stage = instructions.iter().rposition(|line| line.starts_with("FROM ")).unwrap();
    let (build, image) = instructions.split_at(last_stage);
    assert!(image[0].contains("distroless"), "{}", image[0]);
    assert!(image.iter().all(|line| !line.starts_with("RUN ")), "the image has no shell");
    let user = image.iter().find_map(|line| line.strip_prefix("USER ")).unwrap();
    assert_ne!(user.split(':').next().unwrap().parse(), Ok(0_u32), "a number, so that Kubernetes can check it");
    let toolchain = read("rust-toolchain.toml");
    let version = toolchain.lines().find_map(|line| line.strip_prefix("channel = ")).unwrap().trim_matches('"');
    assert!(
        build.iter().any(|line| line.contains(&format!("rust:{version}-"))),
        "the image builds with Rust {version}"
    );
}
