//! The message loop of one WebSocket.

use std::time::Duration;

use axum::extract::ws::{Message, WebSocket};
use futures_util::FutureExt;
use tokio::{
    sync::mpsc,
    time::{Instant, MissedTickBehavior, sleep_until, timeout},
};

use super::{arrival::Arrival, close::Close, operation::Outgoing, session::Session};
use crate::http::app::App;

/// The time that sending the last message can take when the connection closes.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(2);

/// Serves one WebSocket until either side closes it.
pub(super) async fn run(
    mut socket: WebSocket,
    app: &App,
    mut session: Session,
    mut outbox: mpsc::Receiver<Outgoing>,
    mut arrival: Arrival,
) {
    let write_timeout = app.limits.websocket_write_timeout;
    // Shared, so that it can be awaited again after it has resolved.
    let stopping = app.stopping().boxed().shared();
    let init_deadline = Instant::now() + app.limits.websocket_init_timeout;
    let mut ping = tokio::time::interval_at(
        Instant::now() + app.limits.websocket_ping_interval,
        app.limits.websocket_ping_interval,
    );
    ping.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut is_silent = false;
    let close = loop {
        if session.is_finished() {
            break Close::GoingAway;
        }
        let next: Result<Option<Message>, Close> = tokio::select! {
            // The order matters: a message that has arrived is processed before the client counts as silent.
            biased;
            // Mutations in progress are answered before the socket closes.
            () = stopping.clone(), if !session.is_stopping => {
                session.stop();
                Ok(None)
            }
            () = sleep_until(init_deadline), if !session.acknowledged => Err(Close::InitTimeout),
            () = sleep_until(session.idle_since + app.limits.websocket_idle_timeout), if session.is_idle() => Err(Close::Idle),
            received = socket.recv() => {
                is_silent = false;
                if let Some(Ok(message)) = &received {
                    arrival.received(message);
                }
                match received {
                    Some(Ok(Message::Text(text))) => session.receive(&text).await,
                    Some(Ok(Message::Binary(_))) => Err(Close::BadRequest),
                    // axum answers pings and close frames; the stream ends when the close frame has been sent.
                    Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Close(_))) => {
                        session.count_free_message().map(|()| None)
                    }
                    None => return,
                    Some(Err(error)) => match Close::of_unreadable_message(error) {
                        Some(close) => Err(close),
                        None => return,
                    },
                }
            }
            () = &mut session.until_expired => Err(Close::Forbidden),
            Some(outgoing) = outbox.recv() => Ok(session.forward(outgoing)),
            // Clients answer pings in their WebSocket library.
            _ = ping.tick() => {
                session.free_messages = 0;
                let was_silent = std::mem::replace(&mut is_silent, true);
                let has_progressed = arrival.has_progressed();
                // A message that arrives below the minimum rate is overdue, however often some of its bytes arrive.
                if arrival.is_overdue() {
                    Err(Close::SlowMessage)
                } else if was_silent && !has_progressed {
                    Err(Close::Silent)
                } else {
                    Ok(Some(Message::Ping(Default::default())))
                }
            }
        };
        let message = match next {
            Ok(Some(message)) => message,
            Ok(None) => continue,
            Err(close) => break close,
        };
        let is_stopping = session.is_stopping;
        let shutdown_deadline = async {
            if !is_stopping {
                stopping.clone().await;
            }
            sleep_until(Instant::now() + CLOSE_TIMEOUT).await;
        };
        tokio::select! {
            sent = timeout(write_timeout, socket.send(message)) => match sent {
                Ok(Ok(())) => {}
                Ok(Err(_)) => return,
                Err(_) => break Close::TooSlow,
            },
            () = shutdown_deadline => break Close::GoingAway,
        }
    };
    // Releases the permits of the operations before the close frame, which can take a while.
    drop(session);
    let _ = timeout(CLOSE_TIMEOUT.min(write_timeout), socket.send(close.into())).await;
}
