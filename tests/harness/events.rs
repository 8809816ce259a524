use axum::{
    body::{Body, BodyDataStream},
    http::{HeaderMap, StatusCode},
    response::Response,
};
use futures_util::StreamExt;
use serde_json::Value;

use crate::in_time;

/// A stream of server-sent events.
#[derive(Debug)]
pub struct Events {
    pub status: StatusCode,
    pub headers: HeaderMap,
    body: BodyDataStream,
    text: String,
}

impl Events {
    pub(crate) fn of(response: Response<Body>) -> Self {
        let (parts, body) = response.into_parts();
        Self { status: parts.status, headers: parts.headers, body: body.into_data_stream(), text: String::new() }
    }

    /// The next block of lines, either an event or a comment; `None` at the end.
    pub async fn block(&mut self) -> Option<String> {
        loop {
            if let Some((block, rest)) = self.text.split_once("\n\n") {
                let (block, rest) = (block.to_owned(), rest.to_owned());
                self.text = rest;
                return Some(block);
            }
            let bytes = in_time(self.body.next()).await?.unwrap();
            self.text.push_str(std::str::from_utf8(&bytes).unwrap());
        }
    }

    /// The name and the data of the next event.
    pub async fn event(&mut self) -> Option<(String, String)> {
        loop {
            let block = self.block().await?;
            let field = |name: &str| {
                let lines = block.lines().filter_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
                lines.map(|value| value.strip_prefix(' ').unwrap_or(value)).collect::<Vec<_>>().join("\n")
            };
            if !block.starts_with(':') {
                return Some((field("event"), field("data")));
            }
        }
    }

    /// The next response, also that of a request that was rejected before the stream began.
    pub async fn answer(&mut self) -> Value {
        if self.status != StatusCode::OK {
            while let Some(bytes) = in_time(self.body.next()).await {
                self.text.push_str(std::str::from_utf8(&bytes.unwrap()).unwrap());
            }
            return serde_json::from_str(&self.text).unwrap();
        }
        let (name, data) = self.event().await.expect("an event");
        assert_eq!(name, "next");
        serde_json::from_str(&data).unwrap()
    }

    /// The only root field of the next response, which has no errors.
    pub async fn expect_data(&mut self) -> Value {
        let answer = self.answer().await;
        assert!(answer.get("errors").is_none(), "{answer:#}");
        answer["data"].as_object().unwrap().values().next().unwrap().clone()
    }
}
