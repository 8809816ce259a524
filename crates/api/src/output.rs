//! Standard output and standard error of the command line.

use std::io::{self, Write};

/// Writes a line to standard output.
pub(crate) fn print_line(line: &str) -> Result<(), String> {
    let mut out = io::stdout().lock();
    writeln!(out, "{}", line.trim_end())
        .and_then(|()| out.flush())
        .map_err(|error| format!("cannot write to standard output: {error}"))
}

/// Writes a line to standard error. If standard error is closed, the line is lost: no other channel is left.
pub(crate) fn print_notice(line: &str) {
    let _ = writeln!(io::stderr(), "{line}");
}
