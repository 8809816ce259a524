//! `atelier backup`: a copy of an SQLite database that servers go on using.

use std::{io, path::PathBuf};

use clap::Args;
use persistence::{BackupError, LaneSettings};

use super::{DatabaseArguments, say};

#[derive(Args, Debug)]
pub(super) struct Arguments {
    /// The file to write. It must not be there yet.
    file: PathBuf,
    #[command(flatten)]
    database: DatabaseArguments,
}

/// Makes the copy, or says why there is none.
pub(super) async fn backup(arguments: Arguments) -> Result<(), String> {
    let Arguments { file, database } = arguments;
    let store = database.open(LaneSettings::default()).await?;
    let made = store.back_up(&file).await;
    store.close().await;
    let file = file.display();
    match made {
        Ok(()) => say(&format!("The database is in {file} as it was a moment ago.")),
        Err(BackupError::Unsupported) => Err("a PostgreSQL database is backed up by its own pg_dump".to_owned()),
        Err(BackupError::File(error)) if error.kind() == io::ErrorKind::AlreadyExists => {
            Err(format!("{file} is there already; name a new file"))
        }
        Err(BackupError::File(error)) => Err(format!("cannot write {file}: {error}")),
        Err(BackupError::Store(fault)) => Err(format!("cannot copy the database: {}", fault.operator_message())),
    }
}
