use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

use sea_orm::{ConnectionTrait, DbBackend, Statement};

use super::{file, verify_backup::RowCounts};
use crate::{Store, StoreError};

/// Why a backup was not written.
#[derive(Debug)]
pub enum BackupError {
    /// The database is PostgreSQL, which has its own backup program.
    Unsupported,
    /// The file exists already, or cannot be written.
    File(io::Error),
    /// The database could not be read.
    Store(StoreError),
    /// The copy differs from the database or is damaged. It keeps its temporary name, because a damaged database may have
    /// no better copy.
    Damaged {
        /// The copy.
        copy: PathBuf,
        /// The reason, without values of rows.
        reason: String,
    },
}

impl From<io::Error> for BackupError {
    fn from(error: io::Error) -> Self {
        Self::File(error)
    }
}

impl Store {
    /// Copies an SQLite database into a new file, as of one moment: it contains everything that was committed when the
    /// copy began. Reads and writes continue meanwhile. The file appears only when it is complete and checked.
    pub async fn back_up(&self, file: &Path) -> Result<(), BackupError> {
        if self.read.get_database_backend() != DbBackend::Sqlite {
            return Err(BackupError::Unsupported);
        }
        match file.symlink_metadata() {
            Ok(_) => return Err(io::Error::from(io::ErrorKind::AlreadyExists).into()),
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error.into()),
            Err(_) => {}
        }
        let file = file::resolve(file)?;
        let mut unfinished = file.clone().into_os_string();
        unfinished.push(".unfinished");
        let unfinished = PathBuf::from(unfinished);
        match fs::remove_file(&unfinished) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error.into()),
            _ => {}
        }
        file::create_private(&unfinished)?;
        let before = self.row_counts().await?;
        if let Err(error) = self.copy_into(&unfinished).await {
            // The caller reports the first error; a leftover file is removed by the next backup.
            let _ = fs::remove_file(&unfinished);
            return Err(error);
        }
        let after = self.row_counts().await?;
        if let Some(reason) = RowCounts::find_difference(&unfinished, &before, &after).await? {
            return Err(BackupError::Damaged { copy: unfinished, reason });
        }
        fs::rename(&unfinished, &file)?;
        // The new name has to survive a power failure, too.
        if let Some(folder) = file.parent() {
            File::open(folder)?.sync_all()?;
        }
        Ok(())
    }

    async fn row_counts(&self) -> Result<RowCounts, BackupError> {
        RowCounts::read(&self.read).await.map_err(|error| BackupError::Store(error.into()))
    }

    /// Copies the database into an empty file, which keeps its mode. It reads like any reader and does not block writers.
    async fn copy_into(&self, file: &Path) -> Result<(), BackupError> {
        let name = file.to_str().ok_or(io::Error::from(io::ErrorKind::InvalidFilename))?;
        let copy = Statement::from_sql_and_values(DbBackend::Sqlite, "VACUUM INTO ?", [name.into()]);
        self.read.execute_raw(copy).await.map_err(|error| BackupError::Store(error.into()))?;
        Ok(File::open(file)?.sync_all()?)
    }
}
