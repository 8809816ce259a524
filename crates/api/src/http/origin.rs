use axum::http::{HeaderMap, StatusCode, Uri, header};

use super::refusal::Refusal;
use crate::graphql::Code;

/// Refuses a request that a page of another origin made a browser send. A server that does not ask who is calling,
/// or that stands on a person's own machine, must not be at the command of whatever page that person looks at.
///
/// The rule is that of Go's `http.CrossOriginProtection`, for reading as well: browsers say where a request comes from,
/// in `Sec-Fetch-Site`, or failing that in `Origin`; other programs say nothing and are no page.
pub(super) fn ensure_same_origin(headers: &HeaderMap) -> Result<(), Refusal> {
    let text = |name: header::HeaderName| headers.get(name).map(|value| value.to_str().unwrap_or_default());
    let ours = match (text(header::HeaderName::from_static("sec-fetch-site")), text(header::ORIGIN)) {
        (Some("same-origin" | "none"), _) | (None, None) => true,
        (Some(_), None) => false,
        (_, Some(origin)) => {
            let authority = origin.parse::<Uri>().ok().and_then(|uri| uri.authority().cloned());
            authority.is_some_and(|authority| text(header::HOST) == Some(authority.as_str()))
        }
    };
    if ours {
        return Ok(());
    }
    Err(Refusal::new(StatusCode::FORBIDDEN, Code::Forbidden, "Requests from pages of another origin are not accepted."))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accepted(headers: &[(&'static str, &'static str)]) -> bool {
        let headers = headers
            .iter()
            .map(|(name, value)| (header::HeaderName::from_static(name), header::HeaderValue::from_static(value)));
        ensure_same_origin(&headers.collect()).is_ok()
    }

    #[test]
    fn programs_and_our_own_pages_are_let_in() {
        assert!(accepted(&[("host", "a:1")]));
        assert!(accepted(&[("host", "a:1"), ("sec-fetch-site", "same-origin"), ("origin", "http://a:1")]));
        assert!(accepted(&[("host", "a:1"), ("sec-fetch-site", "none")]));
        assert!(accepted(&[("host", "a:1"), ("origin", "http://a:1")]));
    }

    #[test]
    fn pages_of_another_origin_are_not() {
        assert!(!accepted(&[("host", "a:1"), ("sec-fetch-site", "cross-site")]));
        assert!(!accepted(&[("host", "a:1"), ("sec-fetch-site", "same-site"), ("origin", "http://b:1")]));
        assert!(!accepted(&[("host", "a:1"), ("origin", "http://a:2")]));
        assert!(!accepted(&[("host", "a:1"), ("origin", "null")]));
        assert!(!accepted(&[("origin", "http://a:1")]));
    }
}
