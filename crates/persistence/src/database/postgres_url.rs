use std::{borrow::Cow, path::Path, str::FromStr};

use sea_orm::sqlx::postgres::PgConnectOptions;

use super::DatabaseUrlInvalid;

/// The folder of PostgreSQL's socket on Debian, and in libpq's packages.
const SOCKET_FOLDER: &str = "/var/run/postgresql";

/// Parses a `postgres://` URL as psql does. The driver alone has no host after a user (`postgres://ann@/db?host=/dir`) and
/// does not resolve an IPv6 address in its brackets.
pub(super) fn parse(url: &str) -> Result<PgConnectOptions, DatabaseUrlInvalid> {
    // The driver's messages repeat the text.
    let options = PgConnectOptions::from_str(&user_to_parameters(url)).map_err(|_| DatabaseUrlInvalid::Malformed)?;
    let host = match options.get_host() {
        "" => default_host(options.get_port()),
        host => host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host),
    }
    .to_owned();
    // Poolers reject this parameter. PostgreSQL's default is exact as well.
    Ok(options.host(&host).extra_float_digits(None))
}

/// The host for an empty one: the socket of this machine if there is one.
fn default_host(port: u16) -> &'static str {
    if Path::new(SOCKET_FOLDER).join(format!(".s.PGSQL.{port}")).exists() { SOCKET_FOLDER } else { "localhost" }
}

/// Moves the user, the password and the port of a URL without a host to its parameters.
fn user_to_parameters(url: &str) -> Cow<'_, str> {
    let parts = url.split_once("://").and_then(|(scheme, rest)| {
        let (authority, rest) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
        let (credentials, host) = authority.rsplit_once('@')?;
        Some((scheme, credentials, host.strip_prefix(':').or(host.is_empty().then_some(""))?, rest))
    });
    let Some((scheme, credentials, port, rest)) = parts else { return url.into() };
    let (user, password) = match credentials.split_once(':') {
        Some((user, password)) => (user, Some(password)),
        None => (credentials, None),
    };
    let (path, parameters) = rest.split_once('?').unwrap_or((rest, ""));
    // Both are escaped already, but a parameter reads these two characters differently.
    let escape = |text: &str| text.replace('+', "%2B").replace('&', "%26");
    let moved = [("user", Some(user)), ("password", password), ("port", Some(port).filter(|port| !port.is_empty()))];
    let moved = moved.into_iter().filter_map(|(name, value)| Some(format!("{name}={}", escape(value?))));
    let parameters: Vec<_> = moved.chain([parameters.to_owned()]).collect();
    format!("{scheme}://{path}?{}", parameters.join("&")).into()
}

/// The server and the database of a connection, without credentials, as a message names them.
pub(super) fn describe(options: &PgConnectOptions) -> String {
    let (port, host) = (options.get_port(), options.get_host());
    let socket = options.get_socket().map(|folder| folder.display().to_string());
    let server = match socket.or_else(|| host.starts_with('/').then(|| host.to_owned())) {
        Some(folder) => format!("{}/.s.PGSQL.{port}", folder.trim_end_matches('/')),
        None if host.contains(':') => format!("[{host}]:{port}"),
        None => format!("{host}:{port}"),
    };
    format!("{} on {server}", options.get_database().unwrap_or(options.get_username()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_names_the_same_server_as_for_psql() {
        for (url, server) in [
            ("postgres://ann:secret@h:5433/db", "db on h:5433"),
            ("postgres://ann@[::1]:5433/db", "db on [::1]:5433"),
            ("postgres://ann@h:5433/db?host=::1", "db on [::1]:5433"),
            ("postgres://ann:secret@/db?host=/dir&port=5433", "db on /dir/.s.PGSQL.5433"),
            ("postgresql://ann:secret@:5433/db?host=/dir/", "db on /dir/.s.PGSQL.5433"),
            ("postgres://ann:secret@%2Fdir:5433/db", "db on /dir/.s.PGSQL.5433"),
            ("postgres:///db?host=h&port=5433&user=ann", "db on h:5433"),
            ("postgres://ann:secret@h:5433", "ann on h:5433"),
        ] {
            let options = parse(url).unwrap();
            assert_eq!((describe(&options).as_str(), options.get_username()), (server, "ann"), "{url}");
        }
        // The parser of the driver shows the password only in its own URL.
        let password = |url: &str| {
            use sea_orm::sqlx::ConnectOptions;
            parse(url).unwrap().to_url_lossy().password().map(str::to_owned)
        };
        let with_host = password("postgres://ann:a+b%26c%2Fd&e@h/db");
        assert!(with_host.is_some());
        assert_eq!(password("postgres://ann:a+b%26c%2Fd&e@/db?host=h"), with_host);
    }

    #[test]
    fn an_empty_host_is_the_one_of_this_machine() {
        for url in ["postgres://ann@/db?host=", "postgres://ann@h/db?host="] {
            let host = parse(url).unwrap().get_host().to_owned();
            assert!(host == "localhost" || host == SOCKET_FOLDER, "{host}");
        }
    }
}
