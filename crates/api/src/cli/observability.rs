//! Who watches the server.

use std::{net::SocketAddr, str::FromStr};

use clap::Args;
use tokio::net::TcpListener;

use super::listen::socket_address;

/// Where metrics are told unless said otherwise.
const USUAL: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 9464);

#[derive(Args, Debug)]
pub(super) struct ObservabilityArguments {
    /// The address and port on which `/metrics` is served, in the format of OpenMetrics; `off`: nowhere. Unless said it
    /// is 127.0.0.1:9464, or nowhere if another program has that.
    #[arg(long, env = "ATELIER_METRICS_LISTEN", value_name = "ADDRESS:PORT|off")]
    metrics_listen: Option<MetricsListen>,
    /// The collector to which traces are told by OTLP over HTTP, for example `http://127.0.0.1:4318`. Unless said no
    /// traces are made. `OTEL_EXPORTER_OTLP_HEADERS`, `OTEL_SERVICE_NAME` and `OTEL_TRACES_SAMPLER` are heeded as well.
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
    /// Where metrics are to be told. A port that somebody named has to be free; the usual one another server may have.
    pub(super) async fn bind(&self) -> Result<Option<TcpListener>, String> {
        match self.metrics_listen {
            Some(MetricsListen::Off) => Ok(None),
            Some(MetricsListen::On(address)) => {
                let bound = TcpListener::bind(address).await;
                bound.map(Some).map_err(|error| format!("cannot listen on {address} (--metrics-listen): {error}"))
            }
            None => Ok(TcpListener::bind(USUAL)
                .await
                .inspect_err(|error| {
                    tracing::warn!(address = %USUAL, %error, "metrics are not served; --metrics-listen says where else");
                })
                .ok()),
        }
    }

    /// The collector of traces.
    pub(super) fn collector(&self) -> Option<&str> {
        self.otlp_endpoint.as_deref().filter(|endpoint| !endpoint.is_empty())
    }
}
