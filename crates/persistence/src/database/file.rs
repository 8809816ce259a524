//! Files: the one place that turns the path that an operator wrote into the file that is opened, and protects it.

use std::{
    fs::{self, OpenOptions},
    io,
    os::unix::{
        ffi::OsStrExt,
        fs::{OpenOptionsExt, PermissionsExt},
    },
    path::{Path, PathBuf},
};

use crate::OpenMode;

/// The number of symbolic links that Linux follows in one path.
const MAX_LINKS: usize = 40;

/// The permission of other accounts to read a file.
const READABLE_BY_OTHERS: u32 = 0o044;

/// The file that a path names, which need not exist: an absolute path without symbolic links.
///
/// SQLite must not get the path as it was written. It reads `file:b.db` as a URI, and shortens `no/../e.db` even if the
/// folder `no` does not exist. It would then open another file than the one that we have protected.
pub(crate) fn resolve(path: &Path) -> io::Result<PathBuf> {
    let mut path = path.to_owned();
    for _ in 0..MAX_LINKS {
        match fs::canonicalize(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            result => return result,
        }
        let name = path.file_name().filter(|_| !path.as_os_str().as_bytes().ends_with(b"/"));
        let name = name.ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "the path does not name a file"))?;
        let file = folder(&path)?.join(name);
        match fs::read_link(&file) {
            // The target of the link does not exist yet.
            Ok(target) => path = file.with_file_name(target),
            Err(_) => return Ok(file),
        }
    }
    Err(io::Error::new(io::ErrorKind::InvalidInput, "the path has too many symbolic links"))
}

/// The folder of a file, as an absolute path.
fn folder(path: &Path) -> io::Result<PathBuf> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::canonicalize(folder).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => {
            io::Error::new(error.kind(), format!("the folder {} does not exist", folder.display()))
        }
        _ => error,
    })
}

/// Creates a database file that no other account of the machine can read, because it contains personal data. SQLite's
/// companion files get the same mode.
pub(crate) fn create_private(file: &Path) -> io::Result<()> {
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(file).map(drop)
}

/// Resolves the path of a database, and creates the file if the mode asks for it. SQLite itself never creates one. Logs a
/// warning if other accounts of the machine can read the file.
pub(super) fn prepare(path: &Path, mode: OpenMode) -> io::Result<PathBuf> {
    let file = resolve(path)?;
    if mode == OpenMode::Create {
        match create_private(&file) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
            _ => {}
        }
    }
    let metadata = fs::metadata(&file).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => io::Error::new(
            error.kind(),
            "the file does not exist; `atelier serve`, `atelier keys create` and `atelier migrate up` create one",
        ),
        _ => error,
    })?;
    if metadata.is_dir() {
        return Err(io::Error::new(io::ErrorKind::IsADirectory, "it is a folder; name a file"));
    }
    let mode = metadata.permissions().mode() & 0o777;
    if mode & READABLE_BY_OTHERS != 0 {
        tracing::warn!(
            file = %file.display(),
            mode = format_args!("{mode:04o}"),
            "other accounts of this machine can read the database; run `chmod 600` on it and on its -wal and -shm files"
        );
    }
    Ok(file)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn a_path_is_resolved_as_the_system_does() {
        let folder = tempfile::tempdir().unwrap();
        let folder = fs::canonicalize(folder.path()).unwrap();
        let inside = |name: &str| folder.join(name);
        fs::create_dir(inside("data")).unwrap();
        fs::write(inside("data/there"), "").unwrap();
        symlink("data/there", inside("link")).unwrap();
        symlink("data/new", inside("dangling")).unwrap();
        symlink("dangling", inside("twice")).unwrap();
        symlink(inside("loop"), inside("loop")).unwrap();
        for (path, file) in [
            ("new", "new"),
            ("file:new", "file:new"),
            ("data/../new", "new"),
            ("link", "data/there"),
            ("dangling", "data/new"),
            ("twice", "data/new"),
        ] {
            assert_eq!(resolve(&inside(path)).unwrap(), inside(file), "{path}");
        }
        for wrong in ["no/new", "no/../new", "data/..", "new/", "data/there/new", "loop"] {
            let resolved = resolve(&inside(wrong));
            assert!(resolved.is_err() || wrong == "data/..", "{wrong} is {resolved:?}");
        }
        let missing = resolve(&inside("no/new")).unwrap_err().to_string();
        assert_eq!(missing, format!("the folder {} does not exist", inside("no").display()));
    }
}
