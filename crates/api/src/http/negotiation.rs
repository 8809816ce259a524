//! Which media types come in and go out, as the GraphQL-over-HTTP specification has them.

use axum::http::{HeaderMap, StatusCode, header};
use mediatype::{MediaType, MediaTypeList, Name, ReadParams, names};

use super::error::Refusal;
use crate::graphql::Code;

/// In what answers are written.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Media {
    /// `application/json`, with status 200 whatever the graph says.
    Json,
    /// `application/graphql-response+json`, whose status tells whether the graph was asked at all.
    GraphqlResponse,
    /// `text/event-stream`, for as many answers as there are.
    EventStream,
}

/// What the client takes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Accepted {
    /// What it would rather have.
    best: Media,
    /// Whether it takes a stream of events.
    events: bool,
}

impl Media {
    pub(super) fn content_type(self) -> &'static str {
        match self {
            Self::Json => "application/json; charset=utf-8",
            Self::GraphqlResponse => "application/graphql-response+json; charset=utf-8",
            Self::EventStream => "text/event-stream",
        }
    }

    /// Of two that are as welcome the one that says more wins, and what a single answer does not need comes last.
    fn rank(self) -> u8 {
        match self {
            Self::EventStream => 0,
            Self::Json => 1,
            Self::GraphqlResponse => 2,
        }
    }

    fn of(range: &MediaType<'_>) -> Option<Self> {
        if !is_utf8(range) {
            return None;
        }
        match (range.ty.as_str(), range.subty.as_str(), range.suffix.map(|suffix| suffix.as_str())) {
            ("*" | "application", "*", None) | ("application", "json", None) => Some(Self::Json),
            ("application", "graphql-response", Some("json")) => Some(Self::GraphqlResponse),
            ("text", "event-stream", None) => Some(Self::EventStream),
            _ => None,
        }
    }
}

impl Accepted {
    /// 406 when the client takes nothing that there is. Who does not say gets JSON.
    pub(super) fn read(headers: &HeaderMap) -> Result<Self, Refusal> {
        let said = headers.get_all(header::ACCEPT).iter();
        let texts: Vec<_> = said.filter_map(|value| value.to_str().ok()).collect();
        let (mut best, mut events): (Option<(Media, f32)>, bool) = (None, false);
        for range in texts.iter().flat_map(|text| MediaTypeList::new(text)).flatten() {
            let Some(media) = Media::of(&range) else { continue };
            let quality = quality(&range);
            if quality <= 0.0 {
                continue;
            }
            events |= media == Media::EventStream;
            if best.is_none_or(|(other, than)| quality > than || (quality >= than && media.rank() > other.rank())) {
                best = Some((media, quality));
            }
        }
        if texts.iter().all(|text| text.trim().is_empty()) {
            return Ok(Self { best: Media::Json, events });
        }
        let best = best.map(|(media, _)| media);
        best.map(|best| Self { best, events }).ok_or_else(|| {
            not_acceptable("Accept application/graphql-response+json, application/json or text/event-stream.")
        })
    }

    /// In what to answer. A subscription has more than one answer, which no JSON holds.
    pub(super) fn media(self, is_subscription: bool) -> Result<Media, Refusal> {
        match is_subscription {
            false => Ok(self.best),
            true if self.events => Ok(Media::EventStream),
            true => {
                Err(not_acceptable("Subscribe with `Accept: text/event-stream`, or over WebSocket at /graphql/ws."))
            }
        }
    }
}

fn not_acceptable(message: &str) -> Refusal {
    Refusal::new(StatusCode::NOT_ACCEPTABLE, Code::BadRequest, message)
}

/// Whether a media type says nothing of its charset, or that it is the only one JSON has.
fn is_utf8(media: &MediaType<'_>) -> bool {
    media.get_param(names::CHARSET).is_none_or(|charset| charset.unquoted_str().eq_ignore_ascii_case("utf-8"))
}

fn quality(range: &MediaType<'_>) -> f32 {
    let quality = Name::new("q").and_then(|q| range.get_param(q));
    quality.map_or(1.0, |quality| quality.as_str().parse().unwrap_or(0.0))
}

/// 415 unless the body is JSON. A page of another origin cannot send that without being asked first (a preflight).
pub(super) fn ensure_json(headers: &HeaderMap) -> Result<(), Refusal> {
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let media = content_type.and_then(|text| MediaType::parse(text).ok());
    let json = media.is_some_and(|media| {
        (media.ty, media.subty, media.suffix) == (names::APPLICATION, names::JSON, None) && is_utf8(&media)
    });
    let plain = headers.get_all(header::CONTENT_ENCODING).iter().all(|coding| coding == "identity");
    if json && plain {
        return Ok(());
    }
    let message = "Send the request as application/json, in UTF-8 and not compressed.";
    Err(Refusal::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, Code::BadRequest, message))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(name: header::HeaderName, value: &str) -> HeaderMap {
        HeaderMap::from_iter([(name, value.parse().unwrap())])
    }

    fn one(headers: &HeaderMap) -> Result<Media, Refusal> {
        Accepted::read(headers)?.media(false)
    }

    #[test]
    fn the_client_gets_what_it_would_rather_have() {
        for (accept, media) in [
            ("", Media::Json),
            ("*/*", Media::Json),
            ("application/*", Media::Json),
            ("application/json", Media::Json),
            ("application/json; charset=utf-8", Media::Json),
            ("text/html, application/xhtml+xml, */*;q=0.8", Media::Json),
            ("application/graphql-response+json", Media::GraphqlResponse),
            ("application/graphql-response+json; charset=UTF-8", Media::GraphqlResponse),
            ("application/json, application/graphql-response+json", Media::GraphqlResponse),
            ("application/graphql-response+json, application/json;q=0.9", Media::GraphqlResponse),
            ("application/graphql-response+json;q=0.5, application/json", Media::Json),
            ("text/event-stream", Media::EventStream),
            ("text/event-stream, application/json", Media::Json),
            ("text/event-stream, application/json;q=0.9", Media::EventStream),
        ] {
            assert_eq!(one(&headers(header::ACCEPT, accept)).unwrap(), media, "{accept}");
        }
        assert_eq!(one(&HeaderMap::new()).unwrap(), Media::Json);
    }

    #[test]
    fn a_subscription_is_answered_in_events_or_not_at_all() {
        let many = |accept: &str| Accepted::read(&headers(header::ACCEPT, accept)).unwrap().media(true);
        for accept in ["text/event-stream", "application/json, text/event-stream;q=0.1"] {
            assert_eq!(many(accept).unwrap(), Media::EventStream, "{accept}");
        }
        for accept in ["", "*/*", "application/json, text/event-stream;q=0"] {
            assert!(many(accept).is_err(), "{accept}");
        }
    }

    #[test]
    fn a_client_that_takes_neither_is_told_so() {
        for accept in ["text/html", "application/xml", "application/json;q=0", "application/json; charset=latin1", "?"]
        {
            assert!(one(&headers(header::ACCEPT, accept)).is_err(), "{accept}");
        }
    }

    #[test]
    fn only_json_comes_in() {
        for good in ["application/json", "Application/JSON", "application/json; charset=utf-8"] {
            assert!(ensure_json(&headers(header::CONTENT_TYPE, good)).is_ok(), "{good}");
        }
        for bad in ["text/plain", "application/graphql", "application/json; charset=utf-16", "multipart/form-data", ""]
        {
            assert!(ensure_json(&headers(header::CONTENT_TYPE, bad)).is_err(), "{bad}");
        }
        assert!(ensure_json(&HeaderMap::new()).is_err());
        for (coding, is_read) in [("identity", true), ("gzip", false), ("br", false)] {
            let mut headers = headers(header::CONTENT_TYPE, "application/json");
            headers.insert(header::CONTENT_ENCODING, coding.parse().unwrap());
            assert_eq!(ensure_json(&headers).is_ok(), is_read, "{coding}");
        }
    }
}
