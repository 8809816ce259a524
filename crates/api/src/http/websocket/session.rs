use std::{collections::HashMap, time::Duration};

use async_graphql::Response as Answer;
use axum::extract::ws::{Message, WebSocket};
use tokio::{
    sync::mpsc,
    task::{AbortHandle, JoinSet},
    time::Instant,
};
use tracing::Instrument;

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
type Told = (String, u64, Answer);

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
        let replies: Result<Vec<Message>, Close> = tokio::select! {
            _ = stopping.wait_for(|stopping| *stopping) => Err(Close::GoingAway),
            () = tokio::time::sleep_until(deadline), if !session.acknowledged => Err(Close::InitTimeout),
            Some(told) = told.recv() => Ok(session.tell(told)),
            received = socket.recv() => match received {
                Some(Ok(Message::Text(text))) => session.hear(&text),
                Some(Ok(Message::Binary(_))) => Err(Close::BadRequest),
                // The WebSocket's own pings, and its close, are answered below us; the end of the stream says that the
                // answer has gone out.
                Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Close(_))) => Ok(Vec::new()),
                None => return,
                // A message over the limit, or the end of the connection; then nobody hears this.
                Some(Err(_)) => Err(Close::TooBig),
            },
        };
        let (messages, last) = match replies {
            Ok(messages) => (messages, false),
            Err(close) => (vec![close.into()], true),
        };
        for message in messages {
            if socket.send(message).await.is_err() {
                return;
            }
        }
        if last {
            return;
        }
    }
}

impl Session {
    fn hear(&mut self, text: &str) -> Result<Vec<Message>, Close> {
        match Said::parse(text).ok_or(Close::BadRequest)? {
            Said::Init if self.acknowledged => Err(Close::InitTwice),
            Said::Init => {
                self.acknowledged = true;
                Ok(vec![acknowledged()])
            }
            Said::Ping => Ok(vec![pong()]),
            Said::Pong => Ok(Vec::new()),
            Said::Complete { operation } => {
                if let Some((_, task)) = self.running.remove(&operation) {
                    task.abort();
                }
                Ok(Vec::new())
            }
            Said::Subscribe { .. } if !self.acknowledged => Err(Close::Unauthorized),
            Said::Subscribe { operation, .. } if self.running.contains_key(&operation) => {
                Err(Close::OperationExists(operation))
            }
            Said::Subscribe { operation, .. } if self.running.len() >= MOST_OPERATIONS => {
                let message = format!("A connection may run {MOST_OPERATIONS} operations at a time.");
                let refused = Answer::from_errors(vec![Code::BadRequest.error(message)]);
                Ok(vec![answered(&operation, &refused)])
            }
            Said::Subscribe { operation, request } => {
                match request::parse(request, &self.app.documents) {
                    Ok(request) => self.begin(operation, request),
                    // The client sends the document next.
                    Err(refusal) if refusal.is_of(Code::PersistedQueryNotFound) => {
                        return Ok(vec![answered(&operation, &refusal.into())]);
                    }
                    Err(_) => return Err(Close::BadRequest),
                }
                Ok(Vec::new())
            }
        }
    }

    fn begin(&mut self, operation: String, request: async_graphql::Request) {
        self.begun += 1;
        let (number, outbox) = (self.begun, self.outbox.clone());
        let (graph, id, name) = (self.app.graph.clone(), self.id.clone(), operation.clone());
        let work = async move {
            let answer = graph.execute(request, &id).await;
            // Whoever would hear this may be gone; then nobody misses it.
            let _ = outbox.send((name, number, answer)).await;
        };
        // Finished tasks are let go of here, so that a long-lived socket does not collect them.
        while self.tasks.try_join_next().is_some() {}
        let task = self.tasks.spawn(work.instrument(tracing::Span::current()));
        self.running.insert(operation, (number, task));
    }

    /// Passes on what an operation says, unless the client has lost interest in it.
    fn tell(&mut self, (operation, number, answer): Told) -> Vec<Message> {
        if self.running.get(&operation).is_none_or(|(running, _)| *running != number) {
            return Vec::new();
        }
        self.running.remove(&operation);
        let mut messages = vec![answered(&operation, &answer)];
        if !is_request_error(&answer) {
            messages.push(complete(&operation));
        }
        messages
    }
}
