use std::{path::PathBuf, str::FromStr};

use percent_encoding::percent_decode_str;
use sea_orm::sqlx::sqlite::SqliteConnectOptions;

use super::DatabaseUrlInvalid;

/// Parses the part of a URL after `sqlite:`: a path, optionally after `//`, and parameters. `%` and two digits stand for a
/// byte, so that a path can contain `?`. Everything else in the path stands for itself.
pub(super) fn parse(rest: &str) -> Result<SqliteConnectOptions, DatabaseUrlInvalid> {
    let rest = rest.strip_prefix("//").unwrap_or(rest);
    let (path, parameters) = rest.split_once('?').unwrap_or((rest, ""));
    let file = decode(path)?;
    if file.trim_start_matches('/').is_empty() {
        return Err(DatabaseUrlInvalid::NoFile);
    }
    if file.contains(":memory:") {
        return Err(DatabaseUrlInvalid::InMemory);
    }
    if file.contains('\0') {
        return Err(DatabaseUrlInvalid::Malformed);
    }
    for parameter in parameters.split('&') {
        match &*decode(parameter)? {
            "mode=memory" => return Err(DatabaseUrlInvalid::InMemory),
            mode if mode.starts_with("mode=") => return Err(DatabaseUrlInvalid::Mode),
            _ => {}
        }
    }
    // Only the parameters are left to the driver, which decodes a path differently from us.
    let options = SqliteConnectOptions::from_str(&format!("sqlite:file?{parameters}"));
    Ok(options.map_err(|_| DatabaseUrlInvalid::Malformed)?.filename(PathBuf::from(file)))
}

fn decode(text: &str) -> Result<String, DatabaseUrlInvalid> {
    let decoded = percent_decode_str(text).decode_utf8().map_err(|_| DatabaseUrlInvalid::Malformed)?;
    Ok(decoded.into_owned())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn a_path_stands_for_itself_except_for_percent_and_two_digits() {
        for (rest, file) in [
            ("a.db", "a.db"),
            ("//a.db", "a.db"),
            ("///tmp/a.db", "/tmp/a.db"),
            ("file:a.db", "file:a.db"),
            ("sqlite:a.db", "sqlite:a.db"),
            ("x%41%3F/a.db?cache=private", "xA?/a.db"),
            ("100%.db", "100%.db"),
        ] {
            assert_eq!(parse(rest).unwrap().get_filename(), Path::new(file), "{rest}");
        }
    }
}
