//! Where a server listens.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use clap::Args;
use persistence::Store;
use tokio::net::{TcpListener, TcpSocket};

use super::{limits, observability};
use crate::{Authentication, IngressPolicy, Playground, server::Server};

/// Connections that may wait to be accepted: a rush comes within a second, and one that finds no room is heard of a second
/// later. The system may have a lower limit.
const BACKLOG: u32 = 4_096;

#[derive(Args, Debug)]
pub(super) struct ListenArguments {
    /// The address and port to serve on. Port 0 takes a free one.
    #[arg(long, env = "ATELIER_LISTEN", default_value = "127.0.0.1:8000", value_name = "ADDRESS:PORT",
        value_parser = socket_address)]
    pub(super) listen: SocketAddr,
    /// Seconds to go on after a SIGTERM while `/ready` says 503, so that whoever sends requests here sees it and sends the
    /// next ones elsewhere. Ctrl-C, or a second SIGTERM, does not wait.
    #[arg(long, env = "ATELIER_SHUTDOWN_DELAY", default_value_t = 2, value_parser = clap::value_parser!(u64).range(..=3600))]
    shutdown_delay: u64,
    /// Seconds to let requests finish in after that.
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
            // As the standard library does: a server that was stopped a moment ago is no obstacle.
            socket.set_reuseaddr(true)?;
            socket.bind(self.listen)?;
            socket.listen(BACKLOG)
        };
        bind().map_err(|error| format!("cannot listen on {} (--listen): {error}", self.listen))
    }

    pub(super) fn server(
        self,
        (listener, metrics): (TcpListener, Option<TcpListener>),
        store: Arc<Store>,
        authentication: Authentication,
        playground: Playground,
        edge: IngressPolicy,
    ) -> Server {
        let delay = Duration::from_secs(self.shutdown_delay);
        let drain = Duration::from_secs(self.drain_timeout);
        let limits = self.limits.limits();
        Server { listener, metrics, delay, drain, store, authentication, playground, edge, limits }
    }
}

pub(super) fn socket_address(text: &str) -> Result<SocketAddr, &'static str> {
    text.parse().map_err(|_| "an IP address and a port belong here, for example 127.0.0.1:8000 or [::1]:8000")
}
