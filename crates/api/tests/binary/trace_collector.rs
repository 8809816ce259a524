//! A collector of traces that keeps the spans the binary exports.

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

/// Accepts every export and keeps its bytes.
pub(crate) struct TraceCollector {
    pub(crate) address: SocketAddr,
    exports: Arc<Mutex<Vec<Bytes>>>,
}

impl TraceCollector {
    pub(crate) async fn start() -> Self {
        let exports = Arc::new(Mutex::new(Vec::new()));
        let received = exports.clone();
        let receive = post(async move |body: Bytes| {
            received.lock().unwrap().push(body);
            [(header::CONTENT_TYPE, "application/x-protobuf")]
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(axum::serve(listener, Router::new().route("/v1/traces", receive)).into_future());
        Self { address, exports }
    }

    /// The value of `--otlp-endpoint` for this collector.
    pub(crate) fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// All exported spans.
    pub(crate) fn spans(&self) -> Vec<Span> {
        let exports = self.exports.lock().unwrap();
        let requests = exports.iter().map(|bytes| ExportTraceServiceRequest::decode(bytes.clone()).unwrap());
        let spans = requests.flat_map(|request| request.resource_spans).flat_map(|spans| spans.scope_spans);
        spans.flat_map(|spans| spans.spans).collect()
    }

    /// Whether any export contains a text, in spans or resources.
    pub(crate) fn contains(&self, text: &str) -> bool {
        let exports = self.exports.lock().unwrap();
        exports.iter().any(|bytes| bytes.windows(text.len()).any(|window| window == text.as_bytes()))
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
