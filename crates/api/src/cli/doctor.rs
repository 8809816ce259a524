//! `atelier doctor`: finds and repairs inconsistencies.

use clap::Args;
use persistence::{Finding, OpenMode, Store};

use super::{
    database::{DatabaseArguments, failed},
    migrate::ensure_migrated,
};
use crate::output::print_line;

#[derive(Args, Debug)]
pub(super) struct Arguments {
    /// Recompute wrong counters from the registrations, and wrong sort keys and search words from their texts.
    /// Registrations and the journal are never changed.
    #[arg(long)]
    repair: bool,
    #[command(flatten)]
    database: DatabaseArguments,
}

/// Prints one line for each inconsistency. Fails if any remains.
pub(super) async fn doctor(arguments: Arguments) -> Result<(), String> {
    let mode = if arguments.repair { OpenMode::ReadWrite } else { OpenMode::ReadOnly };
    let store = arguments.database.open(mode).await?;
    ensure_migrated(&store).await?;
    let mut findings = examine(&store).await?;
    if arguments.repair && !findings.is_empty() {
        let repaired = store.repair().await.map_err(failed(&store))?;
        print_line(&format!("Repaired values: {repaired}. Checking again."))?;
        findings = examine(&store).await?;
    }
    store.close().await;
    if findings.is_empty() {
        return print_line("No inconsistencies: every counter and every invariant agrees with the rows.");
    }
    let hint = if arguments.repair {
        "repair these rows by hand"
    } else {
        "run with --repair to recompute counters, sort keys and search words"
    };
    Err(format!("inconsistencies found: {}; {hint}", findings.len()))
}

async fn examine(store: &Store) -> Result<Vec<Finding>, String> {
    let findings = store.examine().await.map_err(failed(store))?;
    findings.iter().try_for_each(|finding| print_line(&finding.to_string()))?;
    Ok(findings)
}
