//! The files of the repository that people write.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// Folders that tools write. Hidden folders belong to tools, too, except that of the continuous integration.
pub(super) const GENERATED: [&str; 3] = ["target", "node_modules", "dist"];

/// The folder of the workspace.
pub(super) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// The text of a file, by its path from the root.
pub(super) fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The paths of all files and folders from the root, in alphabetical order. A folder ends with a slash.
pub(super) fn all() -> Vec<String> {
    let mut paths = Vec::new();
    collect(&root(), "", &mut paths);
    paths.sort();
    paths
}

/// The paths of all files with an extension.
pub(super) fn with_extension(wanted: &str) -> Vec<String> {
    all().into_iter().filter(|path| extension(path) == wanted).collect()
}

/// The extension of a path; the name if it has none.
pub(super) fn extension(path: &str) -> &str {
    path.rsplit(['/', '.']).next().unwrap_or_default()
}

fn collect(folder: &Path, prefix: &str, paths: &mut Vec<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        let is_hidden = name.starts_with('.') && name != ".ci";
        if is_hidden || GENERATED.contains(&name.as_str()) {
            continue;
        }
        let path = format!("{prefix}{name}");
        if entry.file_type().unwrap().is_dir() {
            let path = format!("{path}/");
            collect(&entry.path(), &path, paths);
            paths.push(path);
        } else {
            paths.push(path);
        }
    }
}
