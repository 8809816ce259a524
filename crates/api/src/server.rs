use std::{future::IntoFuture, io, net::SocketAddr, sync::Arc, time::Duration};

use persistence::Store;
use tokio::{
    net::TcpListener,
    signal::unix::{Signal, SignalKind, signal},
};

use crate::{App, Authentication, Host, IngressPolicy, Limits, Metrics, Peer, Playground, TimeoutListener, cli::say};

/// An app on an address.
pub(crate) struct Server {
    pub(crate) listener: TcpListener,
    /// Where it tells its metrics.
    pub(crate) metrics: Option<TcpListener>,
    /// How long it goes on once it has been told to stop, for those who have not seen yet that it is not ready.
    pub(crate) delay: Duration,
    /// How long requests may take to finish after that.
    pub(crate) drain: Duration,
    pub(crate) store: Arc<Store>,
    pub(crate) authentication: Authentication,
    pub(crate) playground: Playground,
    pub(crate) edge: IngressPolicy,
    pub(crate) limits: Limits,
}

impl Server {
    /// Serves until SIGTERM or Ctrl-C, then lets what has begun finish. After a SIGTERM it goes on for a while first, saying
    /// that it is not ready; with Ctrl-C somebody waits at a terminal. `greeting` is printed when the first request can
    /// come.
    pub(crate) async fn run(self, greeting: impl FnOnce(SocketAddr) -> String) -> Result<(), String> {
        let Self { listener, metrics, delay, drain, store, authentication, playground, edge, limits } = self;
        // Asked for before anything is promised, so that no signal is missed.
        let mut told = Signals::listen().map_err(|error| format!("cannot listen for signals: {error}"))?;
        let address = listener.local_addr().map_err(|error| format!("cannot tell the address: {error}"))?;
        let (app, stop) = App::limited(store.clone(), authentication, playground, limits);
        if let Some(listener) = metrics {
            tell_metrics(listener, app.metrics(), limits)?;
        }
        let stopping = app.stopping();
        let listener = TimeoutListener::new(listener, &limits);
        let router = app.behind(edge).router().into_make_service_with_connect_info::<Peer>();
        let serving = axum::serve(listener, router).with_graceful_shutdown(stopping).into_future();
        let serving = tokio::spawn(serving);
        tracing::info!(%address, version = env!("CARGO_PKG_VERSION"), "ready");
        say(&greeting(address))?;

        if told.again().await == SignalKind::terminate() && !delay.is_zero() {
            tracing::info!(seconds = delay.as_secs(), "not ready any more: what comes now should go elsewhere");
            stop.leave();
            // Who says it a second time wants it sooner.
            let _ = tokio::time::timeout(delay, told.again()).await;
        }
        tracing::info!("stopping: what has begun is finished, nothing new is taken");
        stop.begin();
        let finished = async {
            let served = serving.await.map_err(|_| "the server ended badly".to_owned())?;
            stop.finish().await;
            // Whatever came as far as a lane is settled, whether or not its caller still waits.
            store.close().await;
            served.map_err(|error| error.to_string())
        };
        tokio::select! {
            ended = tokio::time::timeout(drain, finished) => ended.unwrap_or_else(|_| {
                tracing::warn!(seconds = drain.as_secs(), "what did not finish in time is cut off");
                Ok(())
            }),
            _ = told.again() => Err("told to stop a second time; what had not finished is cut off".to_owned()),
        }
    }
}

/// Tells metrics for as long as the process lives.
fn tell_metrics(listener: TcpListener, metrics: Metrics, limits: Limits) -> Result<(), String> {
    let address = listener.local_addr().map_err(|error| format!("cannot tell the address: {error}"))?;
    let hosts = address.ip().is_loopback().then(Host::of_this_machine);
    let listener = TimeoutListener::new(listener, &limits);
    tokio::spawn(axum::serve(listener, metrics.router(hosts)).into_future());
    tracing::info!(%address, "metrics are served");
    Ok(())
}

/// What tells the process to stop.
struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    fn listen() -> io::Result<Self> {
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    /// Waits for the next one.
    async fn again(&mut self) -> SignalKind {
        tokio::select! {
            _ = self.terminate.recv() => SignalKind::terminate(),
            _ = self.interrupt.recv() => SignalKind::interrupt(),
        }
    }
}
