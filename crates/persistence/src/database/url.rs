use std::{fmt, path::Path, str::FromStr};

use sea_orm::{
    DbBackend, DbErr,
    sqlx::{postgres::PgConnectOptions, sqlite::SqliteConnectOptions},
};

use crate::error::connect_error;

/// The address of the database: `sqlite:<file>` or `postgres://…`.
#[derive(Clone, Eq, PartialEq)]
pub struct DatabaseUrl {
    url: String,
    backend: DbBackend,
}

/// Why a text is not a [`DatabaseUrl`]. The messages do not repeat the text, which can contain a password.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum DatabaseUrlInvalid {
    /// The scheme is neither `sqlite:` nor `postgres://`.
    Scheme,
    /// No file name follows `sqlite:`.
    NoFile,
    /// The database is in memory, where every connection would get its own database.
    InMemory,
    /// The URL sets `mode`, which Atelier sets itself.
    Mode,
    /// The part after the scheme is not valid.
    Malformed,
}

impl fmt::Display for DatabaseUrlInvalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Scheme => "a database URL starts with `sqlite:` (followed by a file) or with `postgres://`",
            Self::NoFile => "`sqlite:` is not followed by a file name",
            Self::InMemory => "a database in memory is not supported; name a file",
            Self::Mode => "remove `mode` from the database URL: Atelier sets it",
            Self::Malformed => "the part of the database URL after its scheme is not valid",
        })
    }
}

impl std::error::Error for DatabaseUrlInvalid {}

impl FromStr for DatabaseUrl {
    type Err = DatabaseUrlInvalid;

    fn from_str(text: &str) -> Result<Self, DatabaseUrlInvalid> {
        let (scheme, rest) = text.split_once(':').ok_or(DatabaseUrlInvalid::Scheme)?;
        // The driver's messages repeat the text.
        let malformed = |_| DatabaseUrlInvalid::Malformed;
        let backend = match scheme {
            "sqlite" => {
                let (file, parameters) = rest.split_once('?').unwrap_or((rest, ""));
                if file.trim_start_matches('/').is_empty() {
                    return Err(DatabaseUrlInvalid::NoFile);
                }
                if file.contains(":memory:") || parameters.contains("mode=memory") {
                    return Err(DatabaseUrlInvalid::InMemory);
                }
                if parameters.split('&').any(|parameter| parameter.starts_with("mode=")) {
                    return Err(DatabaseUrlInvalid::Mode);
                }
                SqliteConnectOptions::from_str(text).map_err(malformed)?;
                DbBackend::Sqlite
            }
            "postgres" | "postgresql" if rest.starts_with("//") => {
                PgConnectOptions::from_str(text).map_err(malformed)?;
                DbBackend::Postgres
            }
            _ => return Err(DatabaseUrlInvalid::Scheme),
        };
        Ok(Self { url: text.to_owned(), backend })
    }
}

impl DatabaseUrl {
    /// The SQLite database in this file.
    pub fn sqlite_file(file: &Path) -> Self {
        Self { url: format!("sqlite:{}", file.display()), backend: DbBackend::Sqlite }
    }

    /// Options for a connection to PostgreSQL outside the pool, with this application name.
    pub(crate) fn postgres_options(&self, application_name: &str) -> Result<PgConnectOptions, DbErr> {
        let options = PgConnectOptions::from_str(&self.url).map_err(connect_error)?;
        Ok(options.application_name(application_name))
    }

    /// The name of the database system, for people.
    pub fn system(&self) -> &'static str {
        match self.backend {
            DbBackend::Postgres => "PostgreSQL",
            _ => "SQLite",
        }
    }

    pub(super) fn as_str(&self) -> &str {
        &self.url
    }

    pub(super) fn backend(&self) -> DbBackend {
        self.backend
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("DatabaseUrl").field(&self.system()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_url_names_a_file_or_a_server() {
        for good in [
            "sqlite:a.db",
            "sqlite:///tmp/a.db",
            "sqlite:a.db?cache=private",
            "postgres://u:p@h:1/d",
            "postgresql://h/d",
        ] {
            assert!(good.parse::<DatabaseUrl>().is_ok(), "{good}");
        }
        for (bad, why) in [
            ("", DatabaseUrlInvalid::Scheme),
            ("a.db", DatabaseUrlInvalid::Scheme),
            ("mysql://h/d", DatabaseUrlInvalid::Scheme),
            ("postgres:h/d", DatabaseUrlInvalid::Scheme),
            ("sqlite:", DatabaseUrlInvalid::NoFile),
            ("sqlite://", DatabaseUrlInvalid::NoFile),
            ("sqlite::memory:", DatabaseUrlInvalid::InMemory),
            ("sqlite:a?mode=memory", DatabaseUrlInvalid::InMemory),
            ("sqlite:a?mode=ro", DatabaseUrlInvalid::Mode),
            ("sqlite:a?nonsense=1", DatabaseUrlInvalid::Malformed),
            ("postgres://u:secret@h:port/d", DatabaseUrlInvalid::Malformed),
            ("postgres://h/d?sslmode=nonsense", DatabaseUrlInvalid::Malformed),
        ] {
            assert_eq!(bad.parse::<DatabaseUrl>().err(), Some(why), "{bad}");
            assert!(!why.to_string().contains("secret"));
        }
    }
}
