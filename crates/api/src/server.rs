use std::{future::IntoFuture, io, net::SocketAddr, sync::Arc, time::Duration};

use domain::Actor;
use persistence::Store;
use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
};

use crate::{App, Playground, cli::say};

/// An app on an address.
pub(crate) struct Server {
    pub(crate) listen: SocketAddr,
    /// How long requests may take to finish once the server is to stop.
    pub(crate) drain: Duration,
    pub(crate) store: Arc<Store>,
    pub(crate) actor: Actor,
    pub(crate) playground: Playground,
}

impl Server {
    /// Serves until SIGTERM or Ctrl-C, then lets what has begun finish. `greeting` is printed when the first request
    /// can come.
    pub(crate) async fn run(self, greeting: impl FnOnce(SocketAddr) -> String) -> Result<(), String> {
        let Self { listen, drain, store, actor, playground } = self;
        // Asked for before anything is promised, so that no signal is missed.
        let told = told_to_stop().map_err(|error| format!("cannot listen for signals: {error}"))?;
        let listener =
            TcpListener::bind(listen).await.map_err(|error| format!("cannot listen on {listen}: {error}"))?;
        let address = listener.local_addr().map_err(|error| format!("cannot tell the address: {error}"))?;
        if !address.ip().is_loopback() {
            tracing::warn!(%address, "whoever reaches this address can read and register: nobody is asked who they are");
        }
        let (app, stop) = App::new(store.clone(), actor, playground);
        let stopping = app.stopping();
        let serving = axum::serve(listener, app.router()).with_graceful_shutdown(stopping).into_future();
        let serving = tokio::spawn(serving);
        say(&greeting(address))?;

        told.await;
        tracing::info!("stopping: what has begun is finished, nothing new is taken");
        stop.begin();
        let finished = async {
            serving.await.map_err(|error| format!("the server ended badly: {error}"))?.map_err(|e| e.to_string())?;
            stop.finish().await;
            Ok(())
        };
        let ended = tokio::time::timeout(drain, finished).await.unwrap_or_else(|_| {
            tracing::warn!(seconds = drain.as_secs(), "some requests did not finish in time and are cut off");
            Ok(())
        });
        // Whatever came as far as a lane is settled, whether or not its caller still waits.
        store.close().await;
        ended
    }
}

/// Resolves when the process is told to stop.
fn told_to_stop() -> io::Result<impl Future<Output = ()>> {
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}
