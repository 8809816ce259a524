use std::{
    fs::{self, File},
    io,
    path::Path,
};

use sea_orm::{ConnectionTrait, DbBackend, Statement};

use crate::{Store, StoreError, database::connect::make_for_us_alone};

/// Why there is no backup.
#[derive(Debug)]
pub enum BackupFailed {
    /// The database is one that brings a program of its own for that.
    NotOurs,
    /// The file is there already, or cannot be written.
    File(io::Error),
    /// The database could not be read.
    Store(StoreError),
}

impl From<io::Error> for BackupFailed {
    fn from(error: io::Error) -> Self {
        Self::File(error)
    }
}

impl Store {
    /// Writes an SQLite database into a new file, as it is at one moment. Whoever uses the database goes on meanwhile, and
    /// all that was committed when this began is in it. The file is there when it is whole, and not before.
    pub async fn back_up(&self, file: &Path) -> Result<(), BackupFailed> {
        if self.read.get_database_backend() != DbBackend::Sqlite {
            return Err(BackupFailed::NotOurs);
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
        make_for_us_alone(unfinished)?;
        if let Err(why) = self.copy_into(unfinished).await {
            // Nobody misses it, and why there is no backup is told already.
            let _ = fs::remove_file(unfinished);
            return Err(why);
        }
        fs::rename(unfinished, file)?;
        let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
        // The name, too, has to outlast the loss of power.
        File::open(folder.unwrap_or(Path::new(".")))?.sync_all()?;
        Ok(())
    }

    /// Into an empty file, which keeps its mode. It reads as any reader does, and so keeps nobody from writing.
    async fn copy_into(&self, file: &Path) -> Result<(), BackupFailed> {
        let name = file.to_str().ok_or(io::Error::from(io::ErrorKind::InvalidFilename))?;
        let copy = Statement::from_sql_and_values(DbBackend::Sqlite, "VACUUM INTO ?", [name.into()]);
        self.read.execute_raw(copy).await.map_err(|error| BackupFailed::Store(error.into()))?;
        Ok(File::open(file)?.sync_all()?)
    }
}
