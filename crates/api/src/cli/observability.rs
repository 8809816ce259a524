//! The flags of metrics and traces.

use std::{net::SocketAddr, str::FromStr};

use clap::Args;
use tokio::net::TcpListener;

use super::socket_address::socket_address;

/// The default address of the metrics endpoint.
const DEFAULT_ADDRESS: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 9464);

#[derive(Args, Debug)]
#[command(next_help_heading = "Metrics and traces")]
pub(super) struct ObservabilityArguments {
    /// The address and port of the metrics endpoint `/metrics` (OpenMetrics), or `off`. By default 127.0.0.1:9464, or no
    /// endpoint if that port is in use.
    #[arg(long, env = "ATELIER_METRICS_LISTEN", value_name = "ADDRESS:PORT|off")]
    metrics_listen: Option<MetricsListen>,
    /// The collector that receives traces by OTLP over HTTP, for example `http://127.0.0.1:4318`. By default no traces are
    /// recorded. `OTEL_EXPORTER_OTLP_HEADERS`, `OTEL_SERVICE_NAME` and `OTEL_TRACES_SAMPLER` apply as well.
    #[arg(long, env = "OTEL_EXPORTER_OTLP_ENDPOINT", hide_env_values = true, value_name = "URL")]
    otlp_endpoint: Option<String>,
}

#[derive(Clone, Copy, Debug)]
enum MetricsListen {
    Off,
    On(SocketAddr),
}

impl FromStr for MetricsListen {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, &'static str> {
        if text == "off" { Ok(Self::Off) } else { socket_address(text).map(Self::On) }
    }
}

impl ObservabilityArguments {
    /// Binds the metrics endpoint. A port that is set must be free; the default port can belong to another server.
    pub(super) async fn bind(&self) -> Result<Option<TcpListener>, String> {
        match self.metrics_listen {
            Some(MetricsListen::Off) => Ok(None),
            Some(MetricsListen::On(address)) => {
                let bound = TcpListener::bind(address).await;
                bound.map(Some).map_err(|error| format!("cannot listen on {address} (--metrics-listen): {error}"))
            }
            None => Ok(TcpListener::bind(DEFAULT_ADDRESS)
                .await
                .inspect_err(|error| {
                    tracing::warn!(
                        address = %DEFAULT_ADDRESS,
                        %error,
                        "metrics are not served; set another address with --metrics-listen"
                    );
                })
                .ok()),
        }
    }

    /// The endpoint of the trace collector.
    pub(super) fn collector(&self) -> Option<&str> {
        self.otlp_endpoint.as_deref()
    }
}
