use std::{fmt, str::FromStr, time::Duration};

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use tower_http::cors::{AllowMethods, CorsLayer};

use super::{App, error::Refusal, request_id::X_REQUEST_ID};
use crate::graphql::Code;

/// How long a browser may remember what a page of an origin may send.
const REMEMBERED: Duration = Duration::from_hours(1);

/// Where pages come from, as browsers write it: `https://app.example.org`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Origin(String);

/// A text is not an [`Origin`].
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct OriginInvalid;

impl fmt::Display for OriginInvalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "one origin belongs here as browsers write it, in small letters, without a path, and without a port that goes \
             without saying, for example https://app.example.org or http://localhost:3000; `*` and `null` are none",
        )
    }
}

impl std::error::Error for OriginInvalid {}

impl FromStr for Origin {
    type Err = OriginInvalid;

    fn from_str(text: &str) -> Result<Self, OriginInvalid> {
        let uri: Uri = text.parse().map_err(|_| OriginInvalid)?;
        let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else { return Err(OriginInvalid) };
        let goes_without_saying = match scheme {
            "http" => 80,
            "https" => 443,
            _ => return Err(OriginInvalid),
        };
        let (host, port) = (authority.host(), authority.port_u16().filter(|port| *port != goes_without_saying));
        let port = port.map(|port| format!(":{port}")).unwrap_or_default();
        let written = format!("{scheme}://{}{port}", host.to_ascii_lowercase());
        if host.is_empty() || host.contains('*') || written != text { Err(OriginInvalid) } else { Ok(Self(written)) }
    }
}

/// Lets requests through that our own pages, pages of these origins, or programs send.
pub(super) async fn ensure_welcome(State(app): State<App>, request: Request, next: Next) -> Response {
    match ensure_same_origin(request.headers(), &app.edge.origins) {
        Ok(()) => next.run(request).await,
        Err(refusal) => refusal.into_response(),
    }
}

/// Refuses a request that a page of another origin made a browser send. A server that does not ask who is calling,
/// or that stands on a person's own machine, must not be at the command of whatever page that person looks at.
///
/// The rule is that of Go's `http.CrossOriginProtection`, for reading as well: browsers say where a request comes from,
/// in `Sec-Fetch-Site`, or failing that in `Origin`; other programs say nothing and are no page.
fn ensure_same_origin(headers: &HeaderMap, others: &[Origin]) -> Result<(), Refusal> {
    let text = |name: HeaderName| headers.get(name).map(|value| value.to_str().unwrap_or_default());
    let ours = match (text(HeaderName::from_static("sec-fetch-site")), text(header::ORIGIN)) {
        (Some("same-origin" | "none"), _) | (None, None) => true,
        (_, Some(origin)) if others.iter().any(|Origin(other)| other == origin) => true,
        (Some(_), _) => false,
        (None, Some(origin)) => {
            let authority = origin.parse::<Uri>().ok().and_then(|uri| uri.authority().cloned());
            authority.is_some_and(|authority| text(header::HOST) == Some(authority.as_str()))
        }
    };
    if ours {
        return Ok(());
    }
    Err(Refusal::new(StatusCode::FORBIDDEN, Code::Forbidden, "Requests from pages of another origin are not accepted."))
}

/// Tells browsers what pages of these origins may send and read, by which methods and with which more headers. They say who
/// they are by a header, as anybody does: cookies are not asked for.
pub(super) fn cors(
    origins: &[Origin],
    methods: impl Into<AllowMethods>,
    more: impl IntoIterator<Item = HeaderName>,
) -> CorsLayer {
    let origins: Vec<_> = origins.iter().filter_map(|Origin(origin)| HeaderValue::from_str(origin).ok()).collect();
    let traceparent = HeaderName::from_static("traceparent");
    let headers = [header::CONTENT_TYPE, header::AUTHORIZATION, X_REQUEST_ID, traceparent];
    CorsLayer::new()
        .allow_origin(origins)
        .allow_methods(methods)
        .allow_headers(headers.into_iter().chain(more).collect::<Vec<_>>())
        .expose_headers([
            X_REQUEST_ID,
            HeaderName::from_static("ratelimit"),
            HeaderName::from_static("ratelimit-policy"),
            header::RETRY_AFTER,
        ])
        .max_age(REMEMBERED)
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
    fn programs_our_own_pages_and_those_that_are_named_are_let_in() {
        assert!(accepted(&[("host", "a:1")]));
        assert!(accepted(&[("host", "a:1"), ("sec-fetch-site", "same-origin"), ("origin", "http://a:1")]));
        assert!(accepted(&[("host", "a:1"), ("sec-fetch-site", "none")]));
        assert!(accepted(&[("host", "a:1"), ("origin", "http://a:1")]));
        assert!(accepted(&[("host", "a:1"), ("origin", "https://app"), ("sec-fetch-site", "cross-site")]));
    }

    #[test]
    fn pages_of_another_origin_are_not() {
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
    fn an_origin_is_written_as_browsers_write_it() {
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
