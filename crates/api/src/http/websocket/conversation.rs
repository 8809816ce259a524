use std::time::Duration;

use axum::extract::ws::{Message, WebSocket};
use tokio::{
    sync::watch,
    time::{Instant, MissedTickBehavior, timeout},
};

use super::{message::Close, session::Session};
use crate::{
    graphql::RequestId,
    http::{App, address::Address, caller::Caller},
};

/// The longest that the last word to a client may take, which it may not be there to hear.
const FAREWELL: Duration = Duration::from_secs(2);

/// Speaks with one client until either side ends it.
pub(super) async fn run(mut socket: WebSocket, app: App, caller: Option<Caller>, address: Address, id: RequestId) {
    let (patience, mut stopping) = (app.limits.patience, app.stopping.clone());
    let (mut session, mut told) = Session::new(app.clone(), caller, address, id);
    let deadline = Instant::now() + app.limits.init;
    let mut ping = tokio::time::interval_at(Instant::now() + app.limits.ping, app.limits.ping);
    ping.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut is_silent = false;
    let close = loop {
        let said: Result<Option<Message>, Close> = tokio::select! {
            // In this order: what the client has said is heard before it is taken for silent.
            biased;
            () = stopped(&mut stopping) => Err(Close::GoingAway),
            () = tokio::time::sleep_until(deadline), if !session.acknowledged => Err(Close::InitTimeout),
            () = tokio::time::sleep_until(session.idle_since + app.limits.idle), if session.is_idle() => Err(Close::Idle),
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
        tokio::select! {
            sent = timeout(patience, socket.send(message)) => match sent {
                Ok(Ok(())) => {}
                Ok(Err(_)) => return,
                Err(_) => break Close::TooSlow,
            },
            () = stopped(&mut stopping) => break Close::GoingAway,
        }
    };
    // What the operations hold is let go of before a farewell that may take its time.
    drop(session);
    let _ = timeout(FAREWELL.min(patience), socket.send(close.into())).await;
}

/// Resolves when the server is to stop.
async fn stopped(stopping: &mut watch::Receiver<bool>) {
    // An error means that nobody is left who could say so.
    let _ = stopping.wait_for(|stopping| *stopping).await;
}
