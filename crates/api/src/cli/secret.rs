//! Secrets that are read from files, because other programs can read command lines and environment variables.

use std::fmt;

/// The contents of a secret file, without the final line break.
#[derive(Clone)]
pub(super) struct Secret(String);

impl Secret {
    /// Reads a secret from a file, as the `value_parser` of a flag `--…-file`. Errors never contain the file's contents.
    pub(super) fn in_file(file: &str) -> Result<Self, String> {
        let text = std::fs::read(file).map_err(|error| error.to_string())?;
        let text = String::from_utf8(text).map_err(|_| "the file is not UTF-8 text".to_owned())?;
        match text.trim_end_matches(['\r', '\n']) {
            "" => Err("the file is empty".to_owned()),
            secret => Ok(Self(secret.to_owned())),
        }
    }

    /// The secret itself. It must not be printed or logged.
    pub(super) fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}
