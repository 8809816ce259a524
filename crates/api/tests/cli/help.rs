//! The groups of `--help`.

use std::collections::BTreeMap;

use crate::binary::{run, text};

/// The flags below each heading of a help text.
fn groups(arguments: &[&str]) -> BTreeMap<String, Vec<String>> {
    let help = text(&run(&[arguments, &["--help"]].concat()).stdout);
    let mut groups: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut group = String::new();
    for line in help.lines() {
        if let Some(heading) = line.strip_suffix(':').filter(|heading| !heading.starts_with(' ')) {
            heading.clone_into(&mut group);
        } else if let Some(flag) = line.trim_start().strip_prefix("-h, ").or(Some(line.trim_start()))
            && line.starts_with("  ")
            && let Some(flag) = flag.trim_start_matches("-V, ").strip_prefix("--")
        {
            groups.entry(group.clone()).or_default().push(flag.split([' ', ',']).next().unwrap().to_owned());
        }
    }
    groups
}

#[test]
fn each_flag_is_below_a_heading_that_describes_it() {
    let serve = groups(&["serve"]);
    let belongs = |flag: &str| match flag {
        "listen" | "shutdown-delay" | "drain-timeout" => "Address and shutdown",
        "metrics-listen" | "otlp-endpoint" => "Metrics and traces",
        "cors-origin" | "host" | "trusted-documents" | "no-introspection" => "Pages, hosts and documents",
        "no-migrate" => "Database",
        flag if flag.starts_with("database-") => "Database",
        flag if flag.starts_with("lane") => "Lanes",
        "no-public" => "Authentication",
        flag if flag.starts_with("token-") => "Authentication",
        "log" | "log-format" => "Log",
        "help" | "version" => "Options",
        _ => "Limits",
    };
    assert!(serve.values().map(Vec::len).sum::<usize>() > 40);
    for (heading, flags) in &serve {
        for flag in flags {
            assert_eq!(heading, belongs(flag), "--{flag}");
        }
    }
    assert_eq!(groups(&["doctor"])["Options"], ["repair", "help", "version"]);
    let commands: [&[&str]; 7] = [
        &["doctor"],
        &["backup"],
        &["migrate", "up"],
        &["migrate", "down"],
        &["keys", "create"],
        &["keys", "rotate"],
        &["keys", "list"],
    ];
    for command in commands {
        let database = groups(command).remove("Database").unwrap();
        assert!(database.iter().all(|flag| flag.starts_with("database-")), "{command:?}: {database:?}");
    }
    assert_eq!(groups(&["keys", "create"])["Key"], ["role", "name", "scope", "center", "expires"]);
}
