use std::{
    fmt,
    path::{self, Path},
    str::FromStr,
};

use sea_orm::sqlx::{postgres::PgConnectOptions, sqlite::SqliteConnectOptions};

use super::{postgres_url, sqlite_url};

/// The address of the database: `sqlite:<file>` or `postgres://…`. It is displayed for people, without the password.
#[derive(Clone)]
pub struct DatabaseUrl(Target);

/// A parsed URL, as options of its driver. Only the parsers see the text.
#[derive(Clone)]
pub(super) enum Target {
    Sqlite(Box<SqliteConnectOptions>),
    Postgres(Box<PgConnectOptions>),
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
        Ok(Self(match scheme {
            "sqlite" => Target::Sqlite(sqlite_url::parse(rest)?.into()),
            "postgres" | "postgresql" if rest.starts_with("//") => Target::Postgres(postgres_url::parse(text)?.into()),
            _ => return Err(DatabaseUrlInvalid::Scheme),
        }))
    }
}

impl DatabaseUrl {
    /// The SQLite database in this file.
    pub fn sqlite_file(file: &Path) -> Self {
        Self(Target::Sqlite(Box::new(SqliteConnectOptions::new().filename(file))))
    }

    /// The options of a connection.
    pub(super) fn target(&self) -> &Target {
        &self.0
    }

    /// Whether the database is PostgreSQL.
    pub(super) fn is_postgres(&self) -> bool {
        matches!(self.0, Target::Postgres(_))
    }

    /// The options of a connection to PostgreSQL with this application name; `None`: the database is SQLite.
    pub(crate) fn postgres_options(&self, application_name: &str) -> Option<PgConnectOptions> {
        match &self.0 {
            Target::Postgres(options) => Some(options.as_ref().clone().application_name(application_name)),
            Target::Sqlite(_) => None,
        }
    }
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Target::Sqlite(options) => {
                let file = options.get_filename();
                let file = path::absolute(file).unwrap_or_else(|_| file.to_owned());
                write!(f, "the SQLite database {}", file.display())
            }
            Target::Postgres(options) => write!(f, "the PostgreSQL database {}", postgres_url::describe(options)),
        }
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
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
            "postgres://u:p@[::1]:1/d",
            "postgres://u:p@/d?host=/run/postgresql",
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
            ("sqlite:%3Amemory%3A", DatabaseUrlInvalid::InMemory),
            ("sqlite:a%00b", DatabaseUrlInvalid::Malformed),
            ("sqlite:a?mode=ro", DatabaseUrlInvalid::Mode),
            ("sqlite:a?m%6Fde=ro", DatabaseUrlInvalid::Mode),
            ("sqlite:a?nonsense=1", DatabaseUrlInvalid::Malformed),
            ("postgres://u:secret@h:port/d", DatabaseUrlInvalid::Malformed),
            ("postgres://h/d?sslmode=nonsense", DatabaseUrlInvalid::Malformed),
        ] {
            assert_eq!(bad.parse::<DatabaseUrl>().err(), Some(why), "{bad}");
            assert!(!why.to_string().contains("secret"));
        }
    }

    #[test]
    fn a_database_is_named_without_its_password() {
        let name = |url: &str| url.parse::<DatabaseUrl>().unwrap().to_string();
        assert_eq!(name("sqlite:/tmp/a%3Fb.db"), "the SQLite database /tmp/a?b.db");
        assert_eq!(name("postgres://ann:secret@h:1/db?password=secret"), "the PostgreSQL database db on h:1");
        let file = DatabaseUrl::sqlite_file(Path::new("/x%41/a?b.db"));
        assert_eq!(file.to_string(), "the SQLite database /x%41/a?b.db");
    }
}
