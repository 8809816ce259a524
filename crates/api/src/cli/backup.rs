//! `atelier backup`: copies an SQLite database while servers keep using it.

use std::{io, path::PathBuf};

use clap::Args;
use persistence::{BackupError, LaneSettings};

use super::database::DatabaseArguments;
use crate::output::print_line;

#[derive(Args, Debug)]
pub(super) struct Arguments {
    /// The file to write. It must not exist.
    file: PathBuf,
    #[command(flatten)]
    database: DatabaseArguments,
}

pub(super) async fn backup(arguments: Arguments) -> Result<(), String> {
    let Arguments { file, database } = arguments;
    let store = database.open(LaneSettings::default()).await?;
    let result = store.back_up(&file).await;
    store.close().await;
    let file = file.display();
    match result {
        Ok(()) => print_line(&format!("Wrote a copy of the database to {file}.")),
        Err(BackupError::Unsupported) => {
            Err("`atelier backup` copies SQLite databases; use pg_dump for PostgreSQL".into())
        }
        Err(BackupError::File(error)) if error.kind() == io::ErrorKind::AlreadyExists => {
            Err(format!("{file} already exists; name a new file"))
        }
        Err(BackupError::File(error)) => Err(format!("cannot write {file}: {error}")),
        Err(BackupError::Store(fault)) => Err(format!("cannot copy the database: {}", fault.operator_message())),
    }
}
