//! The media types of GraphQL responses.

use mediatype::{MediaType as Range, ReadParams, names};

/// The media type of a response.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum MediaType {
    /// `application/json`, with status 200 for every well-formed request.
    Json,
    /// `application/graphql-response+json`, whose status distinguishes request errors.
    GraphqlResponse,
    /// `text/event-stream`, for any number of responses.
    EventStream,
}

impl MediaType {
    pub(super) fn content_type(self) -> &'static str {
        match self {
            Self::Json => "application/json; charset=utf-8",
            Self::GraphqlResponse => "application/graphql-response+json; charset=utf-8",
            Self::EventStream => "text/event-stream",
        }
    }

    /// The preference between media types of equal quality: the more precise status first, the stream last.
    pub(super) fn rank(self) -> u8 {
        match self {
            Self::EventStream => 0,
            Self::Json => 1,
            Self::GraphqlResponse => 2,
        }
    }

    /// The media type that a range of `Accept` covers.
    pub(super) fn of(range: &Range<'_>) -> Option<Self> {
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

/// Whether a media type has no charset, or UTF-8, the only charset of JSON.
pub(super) fn is_utf8(media_type: &Range<'_>) -> bool {
    media_type.get_param(names::CHARSET).is_none_or(|charset| charset.unquoted_str().eq_ignore_ascii_case("utf-8"))
}
