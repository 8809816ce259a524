//! `atelier backup`: copies an SQLite database while servers keep using it.

use std::{io, path::PathBuf};

use clap::Args;
use persistence::{BackupError, OpenMode};

use super::database::{DatabaseArguments, failed};
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
    let store = database.open(OpenMode::ReadOnly).await?;
    let failed = failed(&store);
    let result = store.back_up(&file).await;
    store.close().await;
    let file = file.display();
    match result {
        Ok(()) => print_line(&format!("Wrote a copy of the database to {file} and checked it.")),
        Err(BackupError::Unsupported) => {
            Err("`atelier backup` copies SQLite databases; use pg_dump for PostgreSQL".into())
        }
        Err(BackupError::File(error)) if error.kind() == io::ErrorKind::AlreadyExists => {
            Err(format!("{file} already exists; name a new file"))
        }
        Err(BackupError::File(error)) => Err(format!("cannot write {file}: {error}")),
        Err(BackupError::Store(fault)) => Err(format!("cannot copy {}", failed(fault))),
        Err(BackupError::Damaged { copy, reason }) => Err(format!(
            "the copy {} failed its check: {reason}; `atelier doctor` examines the database itself",
            copy.display()
        )),
    }
}
