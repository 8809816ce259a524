use std::collections::HashMap;

use async_graphql::Response as Answer;
use axum::extract::ws::Message;
use domain::access::Access;
use futures_util::{
    FutureExt,
    future::{BoxFuture, pending},
};
use tokio::{
    sync::mpsc,
    task::{AbortHandle, JoinSet},
    time::Instant,
};

use super::{
    message::{Close, Said, acknowledged, authorization, pong, refused},
    operation::{self, Told},
};
use crate::{
    graphql::{Code, Reading, RequestId},
    http::{App, address::Address, caller::Caller, request},
};

/// Messages that may wait for a client to take them; operations wait when it is slow.
const OUTBOX: usize = 16;

/// What one client and its operations have to do with each other.
pub(super) struct Session {
    app: App,
    /// Nobody yet, where strangers are not let in and the client has not said who it is.
    caller: Option<Caller>,
    address: Address,
    id: RequestId,
    pub(super) acknowledged: bool,
    /// Resolves when the caller is nobody any more.
    pub(super) lapse: BoxFuture<'static, ()>,
    running: HashMap<String, (u64, AbortHandle)>,
    tasks: JoinSet<()>,
    outbox: mpsc::Sender<Told>,
    begun: u64,
    /// When the last operation ended, or the session began.
    pub(super) idle_since: Instant,
}

impl Session {
    /// A session, and what its operations tell.
    pub(super) fn new(
        app: App,
        caller: Option<Caller>,
        address: Address,
        id: RequestId,
    ) -> (Self, mpsc::Receiver<Told>) {
        let (outbox, told) = mpsc::channel(OUTBOX);
        let (running, tasks) = (HashMap::new(), JoinSet::new());
        let idle_since = Instant::now();
        let lapse = pending().boxed();
        (
            Self { app, caller, address, id, acknowledged: false, lapse, running, tasks, outbox, begun: 0, idle_since },
            told,
        )
    }

    /// Whether nothing is running.
    pub(super) fn is_idle(&self) -> bool {
        self.running.is_empty()
    }

    /// The operation of this name is over.
    fn end(&mut self, operation: &str) -> Option<(u64, AbortHandle)> {
        let ended = self.running.remove(operation)?;
        self.idle_since = Instant::now();
        Some(ended)
    }

    /// What to answer to what the client says.
    pub(super) async fn hear(&mut self, text: &str) -> Result<Option<Message>, Close> {
        match Said::parse(text).ok_or(Close::BadRequest)? {
            Said::Init { .. } if self.acknowledged => Err(Close::InitTwice),
            Said::Init { payload } => {
                if let Some(credential) = authorization(&payload)? {
                    self.caller = Some(self.app.identify_by(Some(credential), self.address).await?);
                }
                self.lapse = self.app.lapse(self.caller.as_ref().ok_or(Close::Unauthorized)?);
                self.acknowledged = true;
                Ok(Some(acknowledged()))
            }
            Said::Ping => Ok(Some(pong())),
            Said::Pong => Ok(None),
            Said::Complete { operation } => {
                if let Some((_, task)) = self.end(&operation) {
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
                let caller = self.caller.as_ref().ok_or(Close::Unauthorized)?;
                // Between two looks at the connection, too, nothing is done for somebody who was shut out.
                if !caller.holds(self.app.graph.store()).await {
                    return Err(Close::Forbidden);
                }
                let (access, purse) = (caller.access.clone(), self.app.purse(caller));
                match request::parse(request, &self.app.documents) {
                    Ok(request) => self.begin(operation, self.app.graph.read(request, purse), access),
                    // The client sends the document next, or has another one.
                    Err(refusal)
                        if refusal.is_of(Code::PersistedQueryNotFound) || refusal.is_of(Code::DocumentNotTrusted) =>
                    {
                        return Ok(Some(refused(&operation, &Answer::from(refusal).errors)));
                    }
                    Err(_) => return Err(Close::BadRequest),
                }
                Ok(None)
            }
        }
    }

    fn begin(&mut self, name: String, reading: Reading, access: Access) {
        self.begun += 1;
        // Finished tasks are let go of here, so that a long-lived socket does not collect them.
        while self.tasks.try_join_next().is_some() {}
        let answers = self.app.graph.answers(reading, access, &self.id);
        let task = self.tasks.spawn(operation::run(name.clone(), self.begun, answers, self.outbox.clone()));
        self.running.insert(name, (self.begun, task));
    }

    /// Passes on what an operation says, unless the client has lost interest in it.
    pub(super) fn tell(&mut self, told: Told) -> Option<Message> {
        if self.running.get(&told.operation).is_none_or(|(running, _)| *running != told.number) {
            return None;
        }
        if told.is_last {
            self.end(&told.operation);
        }
        Some(told.message)
    }
}
