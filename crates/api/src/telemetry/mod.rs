//! Traces, told to a collector by OTLP when an operator names one. Otherwise none of this runs, and no span is made.
//!
//! A span is about an operation, a batch, a statement or an HTTP request. It says what the schema and the source say, never
//! what a client said: no values, no document, no name of an operation.

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

/// The longest that the last spans may take to be told when the process ends.
const FAREWELL: Duration = Duration::from_secs(3);

/// Tells traces to a collector.
#[derive(Clone)]
pub(crate) struct Telemetry {
    provider: SdkTracerProvider,
    tracer: SdkTracer,
}

impl Telemetry {
    /// To the collector at this address. Whether it is there nobody looks: what it does not take is lost.
    pub(crate) fn start(endpoint: &str) -> Result<Self, ExporterBuildError> {
        let endpoint = format!("{}/v1/traces", endpoint.trim_end_matches('/'));
        let exporter =
            SpanExporter::builder().with_http().with_http_client(Client::new()).with_endpoint(endpoint).build()?;
        let version = KeyValue::new("service.version", env!("CARGO_PKG_VERSION"));
        let resource = Resource::builder().with_attribute(version);
        // OTEL_SERVICE_NAME says it otherwise.
        let is_named = std::env::var_os("OTEL_SERVICE_NAME").is_some();
        let resource = if is_named { resource } else { resource.with_service_name("atelier") };
        let provider = SdkTracerProvider::builder().with_batch_exporter(exporter).with_resource(resource.build());
        let provider = provider.build();
        let tracer = provider.tracer("atelier");
        Ok(Self { provider, tracer })
    }

    /// What makes spans of those that are made for traces, and of nothing else.
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

    /// What makes spans of statements.
    pub(crate) fn statements(&self) -> QueryObserver {
        let tracer = self.tracer.clone();
        Arc::new(move |statement| statements::trace(&tracer, statement))
    }

    /// Tells what is left to be told, if that can be done soon.
    pub(crate) async fn stop(self) {
        let stopped = tokio::task::spawn_blocking(move || self.provider.shutdown_with_timeout(FAREWELL)).await;
        if !matches!(stopped, Ok(Ok(()))) {
            tracing::warn!("the last spans could not be told to the collector");
        }
    }
}

/// The trace that a request is a part of, as the `traceparent` of W3C's Trace Context has it.
pub(crate) fn continued(headers: &HeaderMap) -> Context {
    TraceContextPropagator::new().extract_with_context(&Context::new(), &HeaderExtractor(headers))
}
