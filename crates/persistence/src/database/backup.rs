use std::{
    fs::{self, File},
    io,
    path::Path,
};

use sea_orm::{ConnectionTrait, DbBackend, Statement};

use crate::{Store, StoreError, database::connect::create_private_file};

/// Why a backup was not written.
#[derive(Debug)]
pub enum BackupError {
    /// The database is PostgreSQL, which has its own backup program.
    Unsupported,
    /// The file exists already, or cannot be written.
    File(io::Error),
    /// The database could not be read.
    Store(StoreError),
}

impl From<io::Error> for BackupError {
    fn from(error: io::Error) -> Self {
        Self::File(error)
    }
}

impl Store {
    /// Copies an SQLite database into a new file, as of one moment: it contains everything that was committed when the
    /// copy began. Reads and writes continue meanwhile. The file appears only when it is complete.
    pub async fn back_up(&self, file: &Path) -> Result<(), BackupError> {
        if self.read.get_database_backend() != DbBackend::Sqlite {
            return Err(BackupError::Unsupported);
        }
        if file.try_exists()? {
            return Err(io::Error::from(io::ErrorKind::AlreadyExists).into());
        }
        let mut unfinished = file.as_os_str().to_owned();
        unfinished.push(".unfinished");
        let unfinished = Path::new(&unfinished);
        match fs::remove_file(unfinished) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error.into()),
            _ => {}
        }
        create_private_file(unfinished)?;
        if let Err(error) = self.copy_into(unfinished).await {
            // The caller reports the first error; a leftover file is removed by the next backup.
            let _ = fs::remove_file(unfinished);
            return Err(error);
        }
        fs::rename(unfinished, file)?;
        let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
        // The new name has to survive a power failure, too.
        File::open(folder.unwrap_or(Path::new(".")))?.sync_all()?;
        Ok(())
    }

    /// Copies the database into an empty file, which keeps its mode. It reads like any reader and does not block writers.
    async fn copy_into(&self, file: &Path) -> Result<(), BackupError> {
        let name = file.to_str().ok_or(io::Error::from(io::ErrorKind::InvalidFilename))?;
        let copy = Statement::from_sql_and_values(DbBackend::Sqlite, "VACUUM INTO ?", [name.into()]);
        self.read.execute_raw(copy).await.map_err(|error| BackupError::Store(error.into()))?;
        Ok(File::open(file)?.sync_all()?)
    }
}
