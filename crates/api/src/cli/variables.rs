//! Environment variables.

use std::{
    env,
    ffi::{OsStr, OsString},
    io,
    os::unix::{ffi::OsStrExt, process::CommandExt},
    process::Command,
};

/// The beginnings of the names of the variables that the flags, the trace exporter and the driver of PostgreSQL read.
const PREFIXES: [&str; 4] = ["ATELIER_", "DATABASE_URL", "OTEL_", "PG"];

/// Starts the program again without the empty variables, if it has any. An empty variable is an unset one, because service
/// managers and container tools cannot always unset it.
///
/// A running program cannot safely remove its variables, and the driver of PostgreSQL has no option to ignore them. The
/// process, its id and its open files stay the same.
pub fn unset_empty_variables() -> Result<(), String> {
    let empty = empty_variables(env::vars_os());
    if empty.is_empty() {
        return Ok(());
    }
    let error = start_again(&empty);
    let names: Vec<_> = empty.iter().map(|name| name.to_string_lossy()).collect();
    Err(format!("cannot start again without the empty variables {}: {error}; unset them", names.join(", ")))
}

fn empty_variables(variables: impl Iterator<Item = (OsString, OsString)>) -> Vec<OsString> {
    let is_read = |name: &OsStr| PREFIXES.iter().any(|prefix| name.as_bytes().starts_with(prefix.as_bytes()));
    variables.filter(|(name, value)| value.is_empty() && is_read(name)).map(|(name, _)| name).collect()
}

/// Replaces the process by the same program without these variables. Returns only if that fails.
fn start_again(removed: &[OsString]) -> io::Error {
    let program = match env::current_exe() {
        Ok(program) => program,
        Err(error) => return error,
    };
    let mut command = Command::new(program);
    let mut arguments = env::args_os();
    if let Some(name) = arguments.next() {
        command.arg0(name);
    }
    command.args(arguments);
    for name in removed {
        command.env_remove(name);
    }
    command.exec()
}
