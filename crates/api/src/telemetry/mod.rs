//! Traces, exported by OTLP if a collector is configured. Without one, no span is created.
//!
//! A span describes an operation, a batch, a statement or an HTTP request, in terms of the schema and the source code. It
//! contains nothing from a client: no values, no document and no operation name.

mod client;
mod statements;

use std::{sync::Arc, time::Duration};

use axum::http::HeaderMap;
use opentelemetry::{Context, KeyValue, propagation::TextMapPropagator, trace::TracerProvider};
use opentelemetry_http::HeaderExtractor;
use opentelemetry_otlp::{ExporterBuildError, SpanExporter, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::{
    Resource,
    propagation::TraceContextPropagator,
    trace::{SdkTracer, SdkTracerProvider},
};
use persistence::{QueryObserver, SPANS};
use tracing::level_filters::LevelFilter;
use tracing_subscriber::{Layer, filter::Targets, registry::LookupSpan};

use client::Client;

/// The time that exporting the last spans can take when the process ends.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(3);

/// Exports traces to a collector.
#[derive(Clone)]
pub(crate) struct Telemetry {
    provider: SdkTracerProvider,
    tracer: SdkTracer,
}

impl Telemetry {
    /// Starts the export to the collector at this URL. Spans that the collector does not accept are lost.
    pub(crate) fn start(endpoint: &str) -> Result<Self, ExporterBuildError> {
        let endpoint = format!("{}/v1/traces", endpoint.trim_end_matches('/'));
        let exporter =
            SpanExporter::builder().with_http().with_http_client(Client::new()).with_endpoint(endpoint).build()?;
        let version = KeyValue::new("service.version", env!("CARGO_PKG_VERSION"));
        let resource = Resource::builder().with_attribute(version);
        // OTEL_SERVICE_NAME takes precedence.
        let is_named = std::env::var_os("OTEL_SERVICE_NAME").is_some();
        let resource = if is_named { resource } else { resource.with_service_name("atelier") };
        let provider = SdkTracerProvider::builder().with_batch_exporter(exporter).with_resource(resource.build());
        let provider = provider.build();
        let tracer = provider.tracer("atelier");
        Ok(Self { provider, tracer })
    }

    /// The layer that exports the spans of the target [`SPANS`], and no others.
    pub(crate) fn layer<S>(&self) -> impl Layer<S> + use<S>
    where
        S: tracing::Subscriber + for<'span> LookupSpan<'span> + Send + Sync,
    {
        tracing_opentelemetry::layer()
            .with_tracer(self.tracer.clone())
            .with_location(false)
            .with_threads(false)
            .with_target(false)
            .with_level(false)
            .with_tracked_inactivity(false)
            .with_filter(Targets::new().with_target(SPANS, LevelFilter::INFO))
    }

    /// The observer that creates a span for each SQL statement.
    pub(crate) fn statement_observer(&self) -> QueryObserver {
        let tracer = self.tracer.clone();
        Arc::new(move |statement| statements::trace(&tracer, statement))
    }

    /// Exports the remaining spans, within [`SHUTDOWN_TIMEOUT`].
    pub(crate) async fn stop(self) {
        let stopped = tokio::task::spawn_blocking(move || self.provider.shutdown_with_timeout(SHUTDOWN_TIMEOUT)).await;
        if !matches!(stopped, Ok(Ok(()))) {
            tracing::warn!("cannot export the last spans to the collector (--otlp-endpoint); they are lost");
        }
    }
}

/// The trace context of a request, from the `traceparent` header of W3C Trace Context.
pub(crate) fn parent_context(headers: &HeaderMap) -> Context {
    TraceContextPropagator::new().extract_with_context(&Context::new(), &HeaderExtractor(headers))
}
