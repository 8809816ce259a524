use std::{collections::HashMap, time::Duration};

use async_graphql::Response as Answer;
use axum::extract::ws::{Message, WebSocket};
use futures_util::StreamExt;
use tokio::{
    sync::mpsc,
    task::{AbortHandle, JoinSet},
    time::Instant,
};

use super::message::{Close, Said, acknowledged, answered, complete, pong};
use crate::{
    graphql::{Code, RequestId, is_request_error},
    http::{App, request},
};

/// The longest a client may take to ask for the connection to be acknowledged.
const INIT_PATIENCE: Duration = Duration::from_secs(10);
/// The most operations of one socket at a time.
const MOST_OPERATIONS: usize = 50;
/// Answers that may wait for a client to take them; operations wait when it is slow.
const OUTBOX: usize = 16;

/// What an operation has to tell; the number keeps an operation apart from an earlier one of the same id.
type Told = (String, u64, Option<Answer>);

struct Session {
    app: App,
    id: RequestId,
    acknowledged: bool,
    running: HashMap<String, (u64, AbortHandle)>,
    tasks: JoinSet<()>,
    outbox: mpsc::Sender<Told>,
    begun: u64,
}

/// Speaks with one client until either side ends it.
pub(super) async fn run(mut socket: WebSocket, app: App, id: RequestId) {
    let (outbox, mut told) = mpsc::channel(OUTBOX);
    let mut stopping = app.stopping.clone();
    let deadline = Instant::now() + INIT_PATIENCE;
    let mut session =
        Session { app, id, acknowledged: false, running: HashMap::new(), tasks: JoinSet::new(), outbox, begun: 0 };
    loop {
        let replies = tokio::select! {
            _ = stopping.wait_for(|stopping| *stopping) => Err(Close::GoingAway),
            () = tokio::time::sleep_until(deadline), if !session.acknowledged => Err(Close::InitTimeout),
            Some(told) = told.recv() => Ok(session.tell(told)),
            received = socket.recv() => match received {
                Some(Ok(Message::Text(text))) => session.hear(&text),
                Some(Ok(Message::Binary(_))) => Err(Close::BadRequest),
                // The WebSocket's own pings are answered below us.
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => Ok(None),
                Some(Ok(Message::Close(_))) | None => return,
                // A message over the limit, or the end of the connection; then nobody hears this.
                Some(Err(_)) => Err(Close::TooBig),
            },
        };
        let (message, last) = match replies {
            Ok(None) => continue,
            Ok(Some(message)) => (message, false),
            Err(close) => (close.into(), true),
        };
        if socket.send(message).await.is_err() || last {
            return;
        }
    }
}

impl Session {
    fn hear(&mut self, text: &str) -> Result<Option<Message>, Close> {
        match Said::parse(text).ok_or(Close::BadRequest)? {
            Said::Init if self.acknowledged => Err(Close::InitTwice),
            Said::Init => {
                self.acknowledged = true;
                Ok(Some(acknowledged()))
            }
            Said::Ping => Ok(Some(pong())),
            Said::Pong => Ok(None),
            Said::Complete { operation } => {
                if let Some((_, task)) = self.running.remove(&operation) {
                    task.abort();
                }
                Ok(None)
            }
            Said::Subscribe { .. } if !self.acknowledged => Err(Close::Unauthorized),
            Said::Subscribe { operation, .. } if self.running.contains_key(&operation) => {
                Err(Close::OperationExists(operation))
            }
            Said::Subscribe { operation, .. } if self.running.len() >= MOST_OPERATIONS => {
                let message = format!("A connection may run {MOST_OPERATIONS} operations at a time.");
                let refused = Answer::from_errors(vec![Code::BadRequest.error(message)]);
                Ok(Some(answered(&operation, &refused)))
            }
            Said::Subscribe { operation, request } => {
                let request = request::parse(request).map_err(|_| Close::BadRequest)?;
                self.begin(operation, request);
                Ok(None)
            }
        }
    }

    fn begin(&mut self, operation: String, request: async_graphql::Request) {
        self.begun += 1;
        let (number, outbox) = (self.begun, self.outbox.clone());
        let mut answers = self.app.graph.execute_stream(request, self.id.clone());
        let name = operation.clone();
        // Finished tasks are let go of here, so that a long-lived socket does not collect them.
        while self.tasks.try_join_next().is_some() {}
        let task = self.tasks.spawn(async move {
            while let Some(answer) = answers.next().await {
                if outbox.send((name.clone(), number, Some(answer))).await.is_err() {
                    return;
                }
            }
            // Whoever would hear this may be gone; then nobody misses it.
            let _ = outbox.send((name, number, None)).await;
        });
        self.running.insert(operation, (number, task));
    }

    /// Passes on what an operation says, unless the client has lost interest in it.
    fn tell(&mut self, (operation, number, answer): Told) -> Option<Message> {
        self.running.get(&operation).filter(|(running, _)| *running == number)?;
        let Some(answer) = answer else {
            self.running.remove(&operation);
            return Some(complete(&operation));
        };
        if is_request_error(&answer) {
            self.running.remove(&operation);
        }
        Some(answered(&operation, &answer))
    }
}
