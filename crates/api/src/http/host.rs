//! Host names that requests can address.

use std::{fmt, str::FromStr};

use axum::{
    extract::Request,
    http::{HeaderMap, header, uri::Authority},
};

/// The name or the IP address of a server as in a URL, without the port.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Host(String);

/// The text is not a [`Host`].
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct HostInvalid;

impl fmt::Display for HostInvalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "expected a host name or an IP address without a scheme and a port, for example atelier.example.org",
        )
    }
}

impl std::error::Error for HostInvalid {}

impl FromStr for Host {
    type Err = HostInvalid;

    fn from_str(text: &str) -> Result<Self, HostInvalid> {
        match text.parse::<Authority>() {
            Ok(authority) if authority.as_str() == authority.host() && !text.contains('*') => {
                Ok(Self::from_authority(&authority))
            }
            _ => Err(HostInvalid),
        }
    }
}

impl Host {
    /// The names of the loopback interface.
    pub fn loopback() -> Vec<Self> {
        ["localhost", "127.0.0.1", "[::1]"].map(|name| Self(name.to_owned())).into()
    }

    /// The host in lower case and without the final dot of an absolute name.
    fn from_authority(authority: &Authority) -> Self {
        Self(authority.host().trim_end_matches('.').to_ascii_lowercase())
    }
}

/// Whether a request addresses one of these hosts, in every place that names its host.
pub(super) fn is_addressed(hosts: &[Host], request: &Request) -> bool {
    let mut addressed: Vec<_> = host_headers(request.headers()).collect();
    addressed.extend(request.uri().authority().map(|authority| Some(Host::from_authority(authority))));
    !addressed.is_empty() && addressed.iter().all(|host| host.as_ref().is_some_and(|host| hosts.contains(host)))
}

/// The values of `Host`; `None` for a malformed one.
fn host_headers(headers: &HeaderMap) -> impl Iterator<Item = Option<Host>> {
    let authority =
        |value: &header::HeaderValue| value.to_str().ok()?.parse().ok().map(|host| Host::from_authority(&host));
    headers.get_all(header::HOST).iter().map(authority)
}

#[cfg(test)]
mod tests {
    use axum::body::Body;

    use super::*;

    #[test]
    fn a_request_addresses_a_host_on_any_port() {
        let hosts = ["atelier.example.org", "[::1]"].map(|name| name.parse().unwrap());
        let is_accepted = |uri: &str, names: &[&str]| {
            let request = names.iter().fold(Request::get(uri), |request, name| request.header(header::HOST, *name));
            is_addressed(&hosts, &request.body(Body::empty()).unwrap())
        };
        for name in ["atelier.example.org", "Atelier.Example.Org:8000", "atelier.example.org.", "[::1]:1"] {
            assert!(is_accepted("/", &[name]), "{name}");
        }
        for name in ["example.org", "atelier.example.org.there", "127.0.0.1", "", "a b", "atelier.example.org@there"] {
            assert!(!is_accepted("/", &[name]), "{name}");
        }
        assert!(!is_accepted("/", &[]));
        assert!(!is_accepted("/", &["[::1]", "there"]));
        assert!(!is_accepted("http://there/", &["[::1]"]));
    }

    #[test]
    fn a_host_has_no_scheme_port_or_path() {
        for wrong in ["", "*", "*.a", "http://a", "a:1", "a@b", "a/b", "a b", "::1"] {
            assert_eq!(wrong.parse::<Host>(), Err(HostInvalid), "{wrong}");
        }
    }
}
