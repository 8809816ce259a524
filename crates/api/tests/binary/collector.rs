//! A collector of traces, to which the binary tells its spans.

use std::{
    future::IntoFuture,
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use axum::{Router, body::Bytes, http::header, routing::post};
use opentelemetry_proto::tonic::{
    collector::trace::v1::ExportTraceServiceRequest, common::v1::any_value::Value, trace::v1::Span,
};
use prost::Message;
use tokio::net::TcpListener;

/// Takes all that it is told.
pub(crate) struct Collector {
    pub(crate) address: SocketAddr,
    told: Arc<Mutex<Vec<Bytes>>>,
}

impl Collector {
    pub(crate) async fn start() -> Self {
        let told = Arc::new(Mutex::new(Vec::new()));
        let hears = told.clone();
        let take = post(async move |body: Bytes| {
            hears.lock().unwrap().push(body);
            [(header::CONTENT_TYPE, "application/x-protobuf")]
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(axum::serve(listener, Router::new().route("/v1/traces", take)).into_future());
        Self { address, told }
    }

    /// What an operator writes to name it.
    pub(crate) fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// All spans, with the resource they are of.
    pub(crate) fn spans(&self) -> Vec<Span> {
        let told = self.told.lock().unwrap();
        let requests = told.iter().map(|bytes| ExportTraceServiceRequest::decode(bytes.clone()).unwrap());
        let spans = requests.flat_map(|request| request.resource_spans).flat_map(|spans| spans.scope_spans);
        spans.flat_map(|spans| spans.spans).collect()
    }

    /// Whether something stands anywhere in what was told.
    pub(crate) fn was_told(&self, text: &str) -> bool {
        let told = self.told.lock().unwrap();
        told.iter().any(|bytes| bytes.windows(text.len()).any(|window| window == text.as_bytes()))
    }
}

/// The text of an attribute.
pub(crate) fn attribute<'a>(span: &'a Span, name: &str) -> Option<&'a str> {
    let value = &span.attributes.iter().find(|attribute| attribute.key == name)?.value;
    match value.as_ref()?.value.as_ref()? {
        Value::StringValue(text) => Some(text),
        _ => None,
    }
}
