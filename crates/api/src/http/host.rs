use std::{fmt, str::FromStr};

use axum::{
    extract::{Request, State},
    http::{HeaderMap, StatusCode, header, uri::Authority},
    middleware::Next,
    response::{IntoResponse, Response},
};

use super::{App, error::Refusal};
use crate::graphql::Code;

/// The name of a server, or its address, as it stands in a URL and without the port.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Host(String);

/// A text is not a [`Host`].
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct HostInvalid;

impl fmt::Display for HostInvalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "a name or an IP address belongs here, without a scheme and a port, for example atelier.example.org",
        )
    }
}

impl std::error::Error for HostInvalid {}

impl FromStr for Host {
    type Err = HostInvalid;

    fn from_str(text: &str) -> Result<Self, HostInvalid> {
        match text.parse::<Authority>() {
            Ok(authority) if authority.as_str() == authority.host() && !text.contains('*') => Ok(Self::of(&authority)),
            _ => Err(HostInvalid),
        }
    }
}

impl Host {
    /// The names by which a machine knows itself.
    pub fn of_this_machine() -> Vec<Self> {
        ["localhost", "127.0.0.1", "[::1]"].map(|name| Self(name.to_owned())).into()
    }

    /// In small letters, and without the dot that may end a whole name.
    fn of(authority: &Authority) -> Self {
        Self(authority.host().trim_end_matches('.').to_ascii_lowercase())
    }
}

/// Answers only under the names that are known. A page that a browser got from elsewhere can have its own name point here
/// (DNS rebinding); to the browser it is of the same origin then, and this is what gives it away.
pub(super) async fn ensure_known(State(app): State<App>, request: Request, next: Next) -> Response {
    // Who asks whether the server is alive knows it by whatever address it has.
    let is_probe = matches!(request.uri().path(), "/health" | "/ready");
    if is_probe || app.edge.hosts.as_ref().is_none_or(|hosts| is_of(hosts, &request)) {
        return next.run(request).await;
    }
    let message = "The server is not known by this name. Its operator can name it with --host.";
    Refusal::new(StatusCode::MISDIRECTED_REQUEST, Code::BadRequest, message).into_response()
}

pub(super) fn is_of(hosts: &[Host], request: &Request) -> bool {
    let mut named: Vec<_> = named(request.headers()).collect();
    named.extend(request.uri().authority().map(|authority| Some(Host::of(authority))));
    !named.is_empty() && named.iter().all(|name| name.as_ref().is_some_and(|name| hosts.contains(name)))
}

/// What the request says it is for, `None` for what cannot be read.
fn named(headers: &HeaderMap) -> impl Iterator<Item = Option<Host>> {
    let authority = |value: &header::HeaderValue| value.to_str().ok()?.parse().ok().map(|host| Host::of(&host));
    headers.get_all(header::HOST).iter().map(authority)
}

#[cfg(test)]
mod tests {
    use axum::body::Body;

    use super::*;

    #[test]
    fn a_server_is_known_by_its_names_on_any_port() {
        let hosts = ["atelier.example.org", "[::1]"].map(|name| name.parse().unwrap());
        let known = |uri: &str, names: &[&str]| {
            let request = names.iter().fold(Request::get(uri), |request, name| request.header(header::HOST, *name));
            is_of(&hosts, &request.body(Body::empty()).unwrap())
        };
        for name in ["atelier.example.org", "Atelier.Example.Org:8000", "atelier.example.org.", "[::1]:1"] {
            assert!(known("/", &[name]), "{name}");
        }
        for name in ["example.org", "atelier.example.org.there", "127.0.0.1", "", "a b", "atelier.example.org@there"] {
            assert!(!known("/", &[name]), "{name}");
        }
        assert!(!known("/", &[]));
        assert!(!known("/", &["[::1]", "there"]));
        assert!(!known("http://there/", &["[::1]"]));
    }

    #[test]
    fn a_host_is_a_name_and_nothing_else() {
        for wrong in ["", "*", "*.a", "http://a", "a:1", "a@b", "a/b", "a b", "::1"] {
            assert_eq!(wrong.parse::<Host>(), Err(HostInvalid), "{wrong}");
        }
    }
}
