//! Origins of pages, and CORS.

use std::{fmt, str::FromStr, time::Duration};

use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, header, uri::Authority};
use tower_http::cors::{AllowMethods, CorsLayer};

use super::{error::HttpError, request_id::X_REQUEST_ID};
use crate::graphql::Code;

/// How long a browser can cache the response to a preflight.
const MAX_AGE: Duration = Duration::from_hours(1);

/// The origin of a page as browsers write it: `https://app.example.org`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Origin(String);

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The text is not an [`Origin`].
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct OriginInvalid;

impl fmt::Display for OriginInvalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "expected one origin as browsers write it: in lower case, without a path and without a default port, for \
             example https://app.example.org or http://localhost:3000; `*` and `null` are not accepted",
        )
    }
}

impl std::error::Error for OriginInvalid {}

impl FromStr for Origin {
    type Err = OriginInvalid;

    fn from_str(text: &str) -> Result<Self, OriginInvalid> {
        let uri: Uri = text.parse().map_err(|_| OriginInvalid)?;
        let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else { return Err(OriginInvalid) };
        let default_port = default_port(scheme).ok_or(OriginInvalid)?;
        let (host, port) = (authority.host(), authority.port_u16().filter(|port| *port != default_port));
        let port = port.map(|port| format!(":{port}")).unwrap_or_default();
        let written = format!("{scheme}://{}{port}", host.to_ascii_lowercase());
        if host.is_empty() || host.contains('*') || written != text { Err(OriginInvalid) } else { Ok(Self(written)) }
    }
}

/// Rejects a request from a page of an origin that is not permitted. Otherwise any page could use a server that runs
/// without authentication or on the visitor's own machine.
///
/// The rule is that of Go's `http.CrossOriginProtection`, for safe methods too: a browser sends the origin of a request in
/// `Sec-Fetch-Site` or `Origin`; other programs send neither.
pub(super) fn ensure_same_origin(headers: &HeaderMap, permitted: &[Origin]) -> Result<(), HttpError> {
    let text = |name: HeaderName| headers.get(name).map(|value| value.to_str().unwrap_or_default());
    let is_accepted = match (text(HeaderName::from_static("sec-fetch-site")), text(header::ORIGIN)) {
        (Some("same-origin" | "none"), _) | (None, None) => true,
        (_, Some(origin)) if permitted.iter().any(|Origin(permitted)| permitted == origin) => true,
        (Some(_), _) => false,
        (None, Some(origin)) => is_own(origin, text(header::HOST).unwrap_or_default()),
    };
    if is_accepted {
        return Ok(());
    }
    let message = "Requests from pages of another origin are not accepted. The operator can permit an origin with \
                   --cors-origin.";
    Err(HttpError::new(StatusCode::FORBIDDEN, Code::Forbidden, message))
}

/// Whether an origin is that of the host of a request. A missing port is the default port of the origin's scheme, because
/// proxies add and remove it.
fn is_own(origin: &str, host: &str) -> bool {
    let Ok(origin) = origin.parse::<Uri>() else { return false };
    let default_port = origin.scheme_str().and_then(default_port);
    let (Some(authority), Some(default_port), Ok(host)) = (origin.authority(), default_port, host.parse()) else {
        return false;
    };
    let address = |authority: &Authority| {
        let (name, written) = (authority.host(), authority.as_str());
        let port = match written.get(name.len()..)?.strip_prefix(':') {
            Some(port) => port.parse().ok()?,
            None => default_port,
        };
        // Without the part of a user, which is no part of a host.
        written.starts_with(name).then(|| (name.to_ascii_lowercase(), port))
    };
    address(authority).is_some_and(|own| address(&host) == Some(own))
}

/// The port of a URL that names none.
fn default_port(scheme: &str) -> Option<u16> {
    match scheme {
        "http" => Some(80),
        "https" => Some(443),
        _ => None,
    }
}

/// The CORS headers for pages of these origins, with these methods and additional request headers. Credentials are headers,
/// so cookies are not permitted.
pub(super) fn cors(
    origins: &[Origin],
    methods: impl Into<AllowMethods>,
    additional_headers: impl IntoIterator<Item = HeaderName>,
) -> CorsLayer {
    let origins: Vec<_> = origins.iter().filter_map(|Origin(origin)| HeaderValue::from_str(origin).ok()).collect();
    let traceparent = HeaderName::from_static("traceparent");
    let headers = [header::CONTENT_TYPE, header::AUTHORIZATION, X_REQUEST_ID, traceparent];
    CorsLayer::new()
        .allow_origin(origins)
        .allow_methods(methods)
        .allow_headers(headers.into_iter().chain(additional_headers).collect::<Vec<_>>())
        .expose_headers([
            X_REQUEST_ID,
            HeaderName::from_static("ratelimit"),
            HeaderName::from_static("ratelimit-policy"),
            header::RETRY_AFTER,
        ])
        .max_age(MAX_AGE)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accepted(headers: &[(&'static str, &'static str)]) -> bool {
        let headers =
            headers.iter().map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)));
        ensure_same_origin(&headers.collect(), &[Origin("https://app".to_owned())]).is_ok()
    }

    #[test]
    fn programs_own_pages_and_permitted_origins_are_accepted() {
        assert!(accepted(&[("host", "a:1")]));
        assert!(accepted(&[("host", "a:1"), ("sec-fetch-site", "same-origin"), ("origin", "http://a:1")]));
        assert!(accepted(&[("host", "a:1"), ("sec-fetch-site", "none")]));
        assert!(accepted(&[("host", "a:1"), ("origin", "http://a:1")]));
        assert!(accepted(&[("host", "a:1"), ("origin", "https://app"), ("sec-fetch-site", "cross-site")]));
    }

    #[test]
    fn a_default_port_can_be_written_or_missing() {
        for (host, origin) in [
            ("h:443", "https://h"),
            ("h", "https://h"),
            ("h", "https://h:443"),
            ("h:80", "http://h"),
            ("H", "http://h"),
            ("[::1]:443", "https://[::1]"),
            ("h:8443", "https://h:8443"),
        ] {
            assert!(accepted(&[("host", host), ("origin", origin)]), "{host} {origin}");
        }
        for (host, origin) in [
            ("h:80", "https://h"),
            ("h:443", "http://h"),
            ("h", "https://h:8443"),
            ("h:8443", "https://h"),
            ("h:99999", "https://h"),
            ("h:", "https://h"),
            ("u@h", "https://h"),
            ("h", "https://u@h"),
            ("h", "ftp://h"),
            ("", "https://h"),
        ] {
            assert!(!accepted(&[("host", host), ("origin", origin)]), "{host} {origin}");
        }
    }

    #[test]
    fn pages_of_other_origins_are_rejected() {
        assert!(!accepted(&[("host", "a:1"), ("sec-fetch-site", "cross-site")]));
        assert!(!accepted(&[("host", "a:1"), ("sec-fetch-site", "cross-site"), ("origin", "https://a:1")]));
        assert!(!accepted(&[("host", "a:1"), ("sec-fetch-site", "same-site"), ("origin", "http://b:1")]));
        assert!(!accepted(&[("host", "a:1"), ("origin", "http://a:2")]));
        assert!(!accepted(&[("host", "a:1"), ("origin", "null")]));
        assert!(!accepted(&[("origin", "http://a:1")]));
        for near in ["http://app", "https://app.there", "https://app:8443", "https://APP", "https://app/"] {
            assert!(!accepted(&[("host", "a:1"), ("origin", near)]), "{near}");
        }
    }

    #[test]
    fn an_origin_has_the_form_that_browsers_use() {
        for good in ["https://app.example.org", "http://localhost:3000", "http://[::1]:3000", "https://a:80"] {
            assert_eq!(good.parse(), Ok(Origin(good.to_owned())));
        }
        for wrong in [
            "",
            "*",
            "null",
            "app.example.org",
            "https://app.example.org/",
            "https://app.example.org/page",
            "https://app.example.org:443",
            "http://app.example.org:80",
            "https://App.example.org",
            "https://*.example.org",
            "https://user@app.example.org",
            "https://",
            "ftp://app.example.org",
            "https://a,https://b",
        ] {
            assert_eq!(wrong.parse::<Origin>(), Err(OriginInvalid), "{wrong}");
        }
    }
}
