//! Secrets that are not written on the command line or into the environment, where other programs can see them.

use std::fmt;

/// What a file holds, without the end of its line.
#[derive(Clone)]
pub(super) struct Secret(String);

impl Secret {
    /// Reads it from a file; what goes wrong is told without what is in the file. A `value_parser` of a flag
    /// `--…-file`, which stands beside every flag that takes a secret.
    pub(super) fn in_file(file: &str) -> Result<Self, String> {
        let text = std::fs::read(file).map_err(|error| error.to_string())?;
        let text = String::from_utf8(text).map_err(|_| "it is not text".to_owned())?;
        match text.trim_end_matches(['\r', '\n']) {
            "" => Err("it is empty".to_owned()),
            secret => Ok(Self(secret.to_owned())),
        }
    }

    /// To be used, and shown to nobody.
    pub(super) fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}
