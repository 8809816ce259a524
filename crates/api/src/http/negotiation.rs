//! The negotiation of media types, as the GraphQL over HTTP specification defines it.

use axum::http::{HeaderMap, StatusCode, header};
use mediatype::{MediaType as Range, MediaTypeList, Name, ReadParams, names};

use super::{
    error::HttpError,
    media_type::{MediaType, is_utf8},
};
use crate::graphql::Code;

/// The media types that the client accepts.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Accepted {
    /// The preferred media type.
    preferred: MediaType,
    accepts_events: bool,
}

impl Accepted {
    /// Parses `Accept`. 406 if the client accepts no supported media type. The default is JSON.
    pub(super) fn parse(headers: &HeaderMap) -> Result<Self, HttpError> {
        let values = headers.get_all(header::ACCEPT).iter();
        let texts: Vec<_> = values.filter_map(|value| value.to_str().ok()).collect();
        let (mut best, mut accepts_events): (Option<(MediaType, f32)>, bool) = (None, false);
        for range in texts.iter().flat_map(|text| MediaTypeList::new(text)).flatten() {
            let Some(media_type) = MediaType::of(&range) else { continue };
            let quality = quality(&range);
            if quality <= 0.0 {
                continue;
            }
            accepts_events |= media_type == MediaType::EventStream;
            let is_better = |(best, best_quality): (MediaType, f32)| {
                quality > best_quality || (quality >= best_quality && media_type.rank() > best.rank())
            };
            if best.is_none_or(is_better) {
                best = Some((media_type, quality));
            }
        }
        if texts.iter().all(|text| text.trim().is_empty()) {
            return Ok(Self { preferred: MediaType::Json, accepts_events });
        }
        match best {
            Some((preferred, _)) => Ok(Self { preferred, accepts_events }),
            None => {
                Err(not_acceptable("Accept application/graphql-response+json, application/json or text/event-stream."))
            }
        }
    }

    /// The media type of the response. A subscription has several responses, which only a stream can carry.
    pub(super) fn media_type(self, is_subscription: bool) -> Result<MediaType, HttpError> {
        match is_subscription {
            false => Ok(self.preferred),
            true if self.accepts_events => Ok(MediaType::EventStream),
            true => {
                Err(not_acceptable("Subscribe with `Accept: text/event-stream`, or over WebSocket at /graphql/ws."))
            }
        }
    }
}

fn not_acceptable(message: &str) -> HttpError {
    HttpError::new(StatusCode::NOT_ACCEPTABLE, Code::BadRequest, message)
}

fn quality(range: &Range<'_>) -> f32 {
    let quality = Name::new("q").and_then(|q| range.get_param(q));
    quality.map_or(1.0, |quality| quality.as_str().parse().unwrap_or(0.0))
}

/// 415 unless the body is uncompressed JSON. A page of another origin cannot send JSON without a preflight.
pub(super) fn ensure_json(headers: &HeaderMap) -> Result<(), HttpError> {
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let media_type = content_type.and_then(|text| Range::parse(text).ok());
    let is_json = media_type.is_some_and(|media_type| {
        (media_type.ty, media_type.subty, media_type.suffix) == (names::APPLICATION, names::JSON, None)
            && is_utf8(&media_type)
    });
    let is_uncompressed = headers.get_all(header::CONTENT_ENCODING).iter().all(|coding| coding == "identity");
    if is_json && is_uncompressed {
        return Ok(());
    }
    let message = "Send the request as application/json, in UTF-8 and not compressed.";
    Err(HttpError::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, Code::BadRequest, message))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(name: header::HeaderName, value: &str) -> HeaderMap {
        HeaderMap::from_iter([(name, value.parse().unwrap())])
    }

    fn one(headers: &HeaderMap) -> Result<MediaType, HttpError> {
        Accepted::parse(headers)?.media_type(false)
    }

    #[test]
    fn the_response_has_the_preferred_media_type() {
        for (accept, media) in [
            ("", MediaType::Json),
            ("*/*", MediaType::Json),
            ("application/*", MediaType::Json),
            ("application/json", MediaType::Json),
            ("application/json; charset=utf-8", MediaType::Json),
            ("text/html, application/xhtml+xml, */*;q=0.8", MediaType::Json),
            ("application/graphql-response+json", MediaType::GraphqlResponse),
            ("application/graphql-response+json; charset=UTF-8", MediaType::GraphqlResponse),
            ("application/json, application/graphql-response+json", MediaType::GraphqlResponse),
            ("application/graphql-response+json, application/json;q=0.9", MediaType::GraphqlResponse),
            ("application/graphql-response+json;q=0.5, application/json", MediaType::Json),
            ("text/event-stream", MediaType::EventStream),
            ("text/event-stream, application/json", MediaType::Json),
            ("text/event-stream, application/json;q=0.9", MediaType::EventStream),
        ] {
            assert_eq!(one(&headers(header::ACCEPT, accept)).unwrap(), media, "{accept}");
        }
        assert_eq!(one(&HeaderMap::new()).unwrap(), MediaType::Json);
    }

    #[test]
    fn a_subscription_needs_an_event_stream() {
        let many = |accept: &str| Accepted::parse(&headers(header::ACCEPT, accept)).unwrap().media_type(true);
        for accept in ["text/event-stream", "application/json, text/event-stream;q=0.1"] {
            assert_eq!(many(accept).unwrap(), MediaType::EventStream, "{accept}");
        }
        for accept in ["", "*/*", "application/json, text/event-stream;q=0"] {
            assert!(many(accept).is_err(), "{accept}");
        }
    }

    #[test]
    fn a_client_that_accepts_no_supported_media_type_gets_an_error() {
        for accept in ["text/html", "application/xml", "application/json;q=0", "application/json; charset=latin1", "?"]
        {
            assert!(one(&headers(header::ACCEPT, accept)).is_err(), "{accept}");
        }
    }

    #[test]
    fn only_uncompressed_json_is_accepted() {
        for good in ["application/json", "Application/JSON", "application/json; charset=utf-8"] {
            assert!(ensure_json(&headers(header::CONTENT_TYPE, good)).is_ok(), "{good}");
        }
        for bad in ["text/plain", "application/graphql", "application/json; charset=utf-16", "multipart/form-data", ""]
        {
            assert!(ensure_json(&headers(header::CONTENT_TYPE, bad)).is_err(), "{bad}");
        }
        assert!(ensure_json(&HeaderMap::new()).is_err());
        for (coding, is_accepted) in [("identity", true), ("gzip", false), ("br", false)] {
            let mut headers = headers(header::CONTENT_TYPE, "application/json");
            headers.insert(header::CONTENT_ENCODING, coding.parse().unwrap());
            assert_eq!(ensure_json(&headers).is_ok(), is_accepted, "{coding}");
        }
    }
}
