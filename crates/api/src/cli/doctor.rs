//! `atelier doctor`: what disagrees with the rows, and its mending.

use clap::Args;
use persistence::{Finding, LaneSettings, Store};

use super::{DatabaseArguments, ensure_migrated, say};

#[derive(Args, Debug)]
pub(super) struct Arguments {
    #[command(flatten)]
    database: DatabaseArguments,
    /// Set the counters that disagree to what the registrations say, and what things are ordered and found by to what
    /// their texts say. Registrations and the journal are never changed.
    #[arg(long, env = "ATELIER_REPAIR")]
    repair: bool,
}

/// Prints a line for each disagreement; an error if any is left.
pub(super) async fn doctor(arguments: Arguments) -> Result<(), String> {
    let store = arguments.database.open(LaneSettings::default()).await?;
    ensure_migrated(&store).await?;
    let mut findings = examine(&store).await?;
    if arguments.repair && !findings.is_empty() {
        let mended = store.repair().await.map_err(|fault| fault.operator_message())?;
        say(&format!("Mended: {mended}. Looking again."))?;
        findings = examine(&store).await?;
    }
    store.close().await;
    if findings.is_empty() {
        return say("All is well: every counter and every invariant agrees with the rows.");
    }
    Err(format!("disagreements with the rows: {}", findings.len()))
}

async fn examine(store: &Store) -> Result<Vec<Finding>, String> {
    let findings = store.examine().await.map_err(|fault| fault.operator_message())?;
    findings.iter().try_for_each(|finding| say(&finding.to_string()))?;
    Ok(findings)
}
