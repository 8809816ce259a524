//! The flags of the address, the shutdown and the limits of a server.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use clap::Args;
use persistence::Store;
use tokio::net::{TcpListener, TcpSocket};

use super::{limits, observability, socket_address::socket_address};
use crate::{Authentication, IngressPolicy, Limits, Playground, server::Server};

/// The length of the queue of connections that wait to be accepted. A burst arrives within a second, and a client whose
/// connection does not fit retries after another second. The system can have a lower limit.
const BACKLOG: u32 = 4_096;

#[derive(Args, Debug)]
#[command(next_help_heading = "Address and shutdown")]
pub(super) struct ListenArguments {
    /// The address and port to serve on. Port 0 selects a free port.
    #[arg(long, env = "ATELIER_LISTEN", default_value = "127.0.0.1:8000", value_name = "ADDRESS:PORT",
        value_parser = socket_address)]
    pub(super) listen: SocketAddr,
    /// Seconds to keep serving after SIGTERM while `/ready` responds 503, so that load balancers stop sending requests.
    /// Ctrl-C or a second SIGTERM skips the delay.
    #[arg(long, env = "ATELIER_SHUTDOWN_DELAY", default_value_t = 2, value_parser = clap::value_parser!(u64).range(..=3600))]
    shutdown_delay: u64,
    /// Seconds that requests in progress have to finish after the shutdown delay.
    #[arg(long, env = "ATELIER_DRAIN_TIMEOUT", default_value_t = 10, value_parser = clap::value_parser!(u64).range(..=3600))]
    drain_timeout: u64,
    #[command(flatten)]
    pub(super) observability: observability::ObservabilityArguments,
    #[command(flatten)]
    limits: limits::LimitArguments,
}

impl ListenArguments {
    pub(super) fn bind(&self) -> Result<TcpListener, String> {
        let bind = || {
            let socket = if self.listen.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
            // As the standard library does, so that a restart does not wait for the connections of the last server.
            socket.set_reuseaddr(true)?;
            socket.bind(self.listen)?;
            socket.listen(BACKLOG)
        };
        bind().map_err(|error| format!("cannot listen on {} (--listen): {error}", self.listen))
    }

    pub(super) fn limits(&self) -> Limits {
        self.limits.limits()
    }

    pub(super) fn server(
        self,
        (listener, metrics): (TcpListener, Option<TcpListener>),
        store: Arc<Store>,
        authentication: Authentication,
        playground: Playground,
        ingress: IngressPolicy,
        limits: Limits,
    ) -> Server {
        let shutdown_delay = Duration::from_secs(self.shutdown_delay);
        let drain_timeout = Duration::from_secs(self.drain_timeout);
        Server { listener, metrics, shutdown_delay, drain_timeout, store, authentication, playground, ingress, limits }
    }
}
