//! A disk that can be filled.

use std::{
    fs::File,
    io::Write,
    path::{Path, PathBuf},
    process::Command,
};

use tempfile::TempDir;

/// A small disk in memory, gone with the test.
pub(crate) struct Disk {
    folder: TempDir,
}

impl Disk {
    /// `None` where nothing may be mounted, which is said; with `ATELIER_REQUIRE_MOUNT=1` the test fails.
    pub(crate) fn small() -> Option<Self> {
        let disk = Self { folder: tempfile::tempdir().unwrap() };
        let mount = Command::new("mount").args(["-t", "tmpfs", "-o", "size=24m", "tmpfs"]).arg(disk.path()).output();
        if mount.is_ok_and(|mount| mount.status.success()) {
            return Some(disk);
        }
        assert!(std::env::var_os("ATELIER_REQUIRE_MOUNT").is_none_or(|value| value != "1"), "{MISSING}");
        // Written past the test runner, which would keep it to itself.
        let _ = writeln!(std::io::stderr(), "\nNo disk is filled: {MISSING}.");
        None
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    fn ballast(&self) -> PathBuf {
        self.path().join("ballast")
    }

    /// Takes all room that is left.
    pub(crate) fn fill(&self) {
        let mut ballast = File::options().create(true).append(true).open(self.ballast()).unwrap();
        while ballast.write(&[0; 4096]).is_ok_and(|written| written > 0) {}
    }

    /// Gives the room back.
    pub(crate) fn free(&self) {
        std::fs::remove_file(self.ballast()).unwrap();
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // Lazily: a server that is about to end may still have a file open.
        let _ = Command::new("umount").arg("--lazy").arg(self.path()).output();
    }
}

const MISSING: &str = "this account may not mount one";
