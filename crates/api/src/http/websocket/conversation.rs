use std::time::Duration;

use axum::extract::ws::{Message, WebSocket};
use futures_util::FutureExt;
use tokio::time::{Instant, MissedTickBehavior, sleep_until, timeout};

use super::{message::Close, session::Session};
use crate::{
    graphql::RequestId,
    http::{App, address::Address, caller::Caller},
};

/// The longest that the last words to a client may take, which it may not be there to hear.
const FAREWELL: Duration = Duration::from_secs(2);

/// Speaks with one client until either side ends it.
pub(super) async fn run(mut socket: WebSocket, app: App, caller: Option<Caller>, address: Address, id: RequestId) {
    let patience = app.limits.websocket_write_timeout;
    // It may be awaited again when it has resolved.
    let stopping = app.stopping().boxed().shared();
    let (mut session, mut told) = Session::new(app.clone(), caller, address, id);
    let deadline = Instant::now() + app.limits.websocket_init_timeout;
    let mut ping = tokio::time::interval_at(
        Instant::now() + app.limits.websocket_ping_interval,
        app.limits.websocket_ping_interval,
    );
    ping.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut is_silent = false;
    let close = loop {
        if session.is_over() {
            break Close::GoingAway;
        }
        let said: Result<Option<Message>, Close> = tokio::select! {
            // In this order: what the client has said is heard before it is taken for silent.
            biased;
            // What is being changed is answered before the socket is closed.
            () = stopping.clone(), if !session.is_stopping => {
                session.stop();
                Ok(None)
            }
            () = tokio::time::sleep_until(deadline), if !session.acknowledged => Err(Close::InitTimeout),
            () = tokio::time::sleep_until(session.idle_since + app.limits.websocket_idle_timeout), if session.is_idle() => Err(Close::Idle),
            received = socket.recv() => {
                is_silent = false;
                match received {
                    Some(Ok(Message::Text(text))) => session.hear(&text).await,
                    Some(Ok(Message::Binary(_))) => Err(Close::BadRequest),
                    // The WebSocket's own pings, and its close, are answered below us; the end of the stream says that
                    // the answer has gone out.
                    Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Close(_))) => Ok(None),
                    None => return,
                    // A message over the limit, or the end of the connection; then nobody hears this.
                    Some(Err(_)) => Err(Close::TooBig),
                }
            }
            () = &mut session.lapse => Err(Close::Forbidden),
            Some(told) = told.recv() => Ok(session.tell(told)),
            // Whoever is there answers, without the program above being asked.
            _ = ping.tick() => {
                let was_silent = std::mem::replace(&mut is_silent, true);
                if was_silent { Err(Close::Silent) } else { Ok(Some(Message::Ping(Default::default()))) }
            }
        };
        let message = match said {
            Ok(Some(message)) => message,
            Ok(None) => continue,
            Err(close) => break close,
        };
        let is_stopping = session.is_stopping;
        let overdue = async {
            if !is_stopping {
                stopping.clone().await;
            }
            sleep_until(Instant::now() + FAREWELL).await;
        };
        tokio::select! {
            sent = timeout(patience, socket.send(message)) => match sent {
                Ok(Ok(())) => {}
                Ok(Err(_)) => return,
                Err(_) => break Close::TooSlow,
            },
            () = overdue => break Close::GoingAway,
        }
    };
    // What the operations hold is let go of before a farewell that may take its time.
    drop(session);
    let _ = timeout(FAREWELL.min(patience), socket.send(close.into())).await;
}
