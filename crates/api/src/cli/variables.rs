//! Environment variables of flags.

use std::env;

use clap::Command;

/// Removes empty variables from the flags: an empty variable is an unset one, because service managers and container tools
/// cannot always unset it.
pub(super) fn without_empty(command: Command) -> Command {
    let command = command.mut_args(|argument| {
        let is_empty = argument.get_env().and_then(env::var_os).is_some_and(|value| value.is_empty());
        if is_empty { argument.env(None) } else { argument }
    });
    command.mut_subcommands(without_empty)
}
