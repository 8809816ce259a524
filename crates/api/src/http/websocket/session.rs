use std::collections::HashMap;

use async_graphql::Response as Answer;
use axum::extract::ws::Message;
use tokio::{
    sync::mpsc,
    task::{AbortHandle, JoinSet},
};

use super::{
    message::{Close, Said, acknowledged, pong, refused},
    operation::{self, Told},
};
use crate::{
    graphql::{Code, RequestId},
    http::{App, caller::Caller, request},
};

/// Messages that may wait for a client to take them; operations wait when it is slow.
const OUTBOX: usize = 16;

/// What one client and its operations have to do with each other.
pub(super) struct Session {
    app: App,
    caller: Caller,
    id: RequestId,
    pub(super) acknowledged: bool,
    running: HashMap<String, (u64, AbortHandle)>,
    tasks: JoinSet<()>,
    outbox: mpsc::Sender<Told>,
    begun: u64,
}

impl Session {
    /// A session, and what its operations tell.
    pub(super) fn new(app: App, caller: Caller, id: RequestId) -> (Self, mpsc::Receiver<Told>) {
        let (outbox, told) = mpsc::channel(OUTBOX);
        let (running, tasks) = (HashMap::new(), JoinSet::new());
        (Self { app, caller, id, acknowledged: false, running, tasks, outbox, begun: 0 }, told)
    }

    /// What to answer to what the client says.
    pub(super) fn hear(&mut self, text: &str) -> Result<Option<Message>, Close> {
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
            Said::Subscribe { operation, .. } if self.running.len() >= self.app.limits.operations => {
                let message = format!("A connection may run {} operations at a time.", self.app.limits.operations);
                Ok(Some(refused(&operation, &[Code::BadRequest.error(message)])))
            }
            Said::Subscribe { operation, request } => {
                match request::parse(request, &self.app.documents) {
                    Ok(request) => self.begin(operation, request),
                    // The client sends the document next.
                    Err(refusal) if refusal.is_of(Code::PersistedQueryNotFound) => {
                        return Ok(Some(refused(&operation, &Answer::from(refusal).errors)));
                    }
                    Err(_) => return Err(Close::BadRequest),
                }
                Ok(None)
            }
        }
    }

    fn begin(&mut self, name: String, request: async_graphql::Request) {
        self.begun += 1;
        // Finished tasks are let go of here, so that a long-lived socket does not collect them.
        while self.tasks.try_join_next().is_some() {}
        let reading = self.app.graph.read(request.data(self.app.purse(&self.caller)));
        let answers = self.app.graph.answers(reading, self.caller.access.clone(), &self.id);
        let task = self.tasks.spawn(operation::run(name.clone(), self.begun, answers, self.outbox.clone()));
        self.running.insert(name, (self.begun, task));
    }

    /// Passes on what an operation says, unless the client has lost interest in it.
    pub(super) fn tell(&mut self, told: Told) -> Option<Message> {
        if self.running.get(&told.operation).is_none_or(|(running, _)| *running != told.number) {
            return None;
        }
        if told.is_last {
            self.running.remove(&told.operation);
        }
        Some(told.message)
    }
}
