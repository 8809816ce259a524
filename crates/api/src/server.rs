//! A running server: from the bound listener to the graceful shutdown.

use std::{future::pending, io, net::SocketAddr, sync::Arc, time::Duration};

use persistence::Store;
use sd_notify::NotifyState;
use tokio::{
    net::TcpListener,
    signal::unix::{Signal, SignalKind, signal},
};

use crate::{App, Authentication, Connections, Host, IngressPolicy, Limits, Playground, output::print_line};

/// A server that is configured and bound to its address.
pub(crate) struct Server {
    pub(crate) listener: TcpListener,
    /// The listener of metrics and probes.
    pub(crate) metrics: Option<TcpListener>,
    /// How long the server continues to serve after SIGTERM while `/ready` reports 503.
    pub(crate) shutdown_delay: Duration,
    /// How long requests in progress can take to finish after that.
    pub(crate) drain_timeout: Duration,
    pub(crate) store: Arc<Store>,
    pub(crate) authentication: Authentication,
    pub(crate) playground: Playground,
    pub(crate) ingress: IngressPolicy,
    pub(crate) limits: Limits,
}

impl Server {
    /// Serves until SIGTERM or Ctrl-C, then finishes the requests in progress. After SIGTERM the server first continues for
    /// the shutdown delay, reporting that it is not ready; Ctrl-C skips the delay, because a person waits at a terminal.
    /// `greeting` is printed when the server accepts requests.
    pub(crate) async fn run(self, greeting: impl FnOnce(SocketAddr) -> String) -> Result<(), String> {
        let Self {
            listener,
            metrics,
            shutdown_delay,
            drain_timeout,
            store,
            authentication,
            playground,
            ingress,
            limits,
        } = self;
        // Registered before the greeting, so that no signal is missed.
        let mut signals = Signals::listen().map_err(|error| format!("cannot listen for signals: {error}"))?;
        let address = local_address(&listener)?;
        let (app, shutdown) = App::with_limits(store.clone(), authentication, playground, limits);
        if let Some(listener) = metrics {
            serve_operators(listener, &app, &limits)?;
        }
        let (connections, stopping) = (app.connections(), app.stopping());
        let serving = tokio::spawn(connections.serve(listener, app.with_ingress(ingress).router(), stopping));
        tracing::info!(%address, version = env!("CARGO_PKG_VERSION"), "ready");
        print_line(&greeting(address))?;
        notify_systemd(NotifyState::Ready);

        if signals.next().await == SignalKind::terminate() && !shutdown_delay.is_zero() {
            let seconds = shutdown_delay.as_secs();
            tracing::info!(seconds, "not ready: /ready reports 503 while the server continues to serve");
            shutdown.mark_not_ready();
            // A second signal ends the delay.
            let _ = tokio::time::timeout(shutdown_delay, signals.next()).await;
        }
        notify_systemd(NotifyState::Stopping);
        tracing::info!("stopping: requests in progress finish, new connections are not accepted");
        shutdown.stop();
        let finished = async {
            serving.await.map_err(|_| "the HTTP server panicked; see the log".to_owned())?;
            shutdown.finish().await;
            // Commands that reached a lane are completed, even if their callers have disconnected.
            store.close().await;
            Ok(())
        };
        tokio::select! {
            ended = tokio::time::timeout(drain_timeout, finished) => ended.unwrap_or_else(|_| {
                let seconds = drain_timeout.as_secs();
                tracing::warn!(seconds, "requests still in progress after --drain-timeout are aborted");
                Ok(())
            }),
            _ = signals.next() => Err("stopped by a second signal; requests in progress were aborted".to_owned()),
        }
    }
}

/// Reports a state to systemd, if systemd started this process as a service of `Type=notify`.
fn notify_systemd(state: NotifyState<'_>) {
    if let Err(error) = sd_notify::notify(&[state]) {
        tracing::warn!(%error, "cannot report to systemd (NOTIFY_SOCKET)");
    }
}

/// Serves metrics and probes for as long as the process lives, on connections of their own.
fn serve_operators(listener: TcpListener, app: &App, limits: &Limits) -> Result<(), String> {
    let address = local_address(&listener)?;
    let hosts = address.ip().is_loopback().then(Host::loopback);
    tokio::spawn(Connections::dedicated(limits).serve(listener, app.operator_router(hosts), pending()));
    tracing::info!(%address, "metrics are served");
    Ok(())
}

/// The address that a listener is bound to.
pub(crate) fn local_address(listener: &TcpListener) -> Result<SocketAddr, String> {
    listener.local_addr().map_err(|error| format!("cannot determine the listening address: {error}"))
}

/// The signals that stop the process.
struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    fn listen() -> io::Result<Self> {
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    /// Waits for the next signal.
    async fn next(&mut self) -> SignalKind {
        tokio::select! {
            _ = self.terminate.recv() => SignalKind::terminate(),
            _ = self.interrupt.recv() => SignalKind::interrupt(),
        }
    }
}
