//! A small disk that a test can fill.

use std::{
    fs::File,
    io::Write,
    path::{Path, PathBuf},
    process::Command,
};

use tempfile::TempDir;

/// A file system in memory, unmounted when it is dropped.
pub(crate) struct Disk {
    folder: TempDir,
}

impl Disk {
    /// Mounts the disk. If this account may not mount, prints that and returns `None`; with `ATELIER_REQUIRE_MOUNT=1` the
    /// test fails.
    pub(crate) fn mount() -> Option<Self> {
        let disk = Self { folder: tempfile::tempdir().unwrap() };
        let mount = Command::new("mount").args(["-t", "tmpfs", "-o", "size=24m", "tmpfs"]).arg(disk.path()).output();
        if mount.is_ok_and(|mount| mount.status.success()) {
            return Some(disk);
        }
        assert!(std::env::var_os("ATELIER_REQUIRE_MOUNT").is_none_or(|value| value != "1"), "{MISSING}");
        // Written directly to standard error, because the test runner captures `eprintln!`.
        let _ = writeln!(std::io::stderr(), "\nThe test of a full disk is skipped: {MISSING}.");
        None
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    fn ballast(&self) -> PathBuf {
        self.path().join("ballast")
    }

    /// Writes a file that fills the disk.
    pub(crate) fn fill(&self) {
        let mut ballast = File::options().create(true).append(true).open(self.ballast()).unwrap();
        while ballast.write(&[0; 4096]).is_ok_and(|written| written > 0) {}
    }

    /// Removes that file.
    pub(crate) fn free(&self) {
        std::fs::remove_file(self.ballast()).unwrap();
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // Lazily, because a stopping server may still have a file open.
        let _ = Command::new("umount").arg("--lazy").arg(self.path()).output();
    }
}

const MISSING: &str = "this account may not mount a file system";
