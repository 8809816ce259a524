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
    graphql::{Code, OVERLOADED, PreparedRequest, RequestId},
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
    /// Whether the server is about to stop: nothing is begun any more.
    pub(super) is_stopping: bool,
    running: HashMap<String, Running>,
    tasks: JoinSet<()>,
    outbox: mpsc::Sender<Told>,
    begun: u64,
    /// When the last operation ended, or the session began.
    pub(super) idle_since: Instant,
}

/// An operation.
struct Running {
    number: u64,
    task: AbortHandle,
    is_endless: bool,
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
        let session = Self {
            app,
            caller,
            address,
            id,
            acknowledged: false,
            lapse,
            is_stopping: false,
            running,
            tasks,
            outbox,
            begun: 0,
            idle_since,
        };
        (session, told)
    }

    /// Whether nothing is running.
    pub(super) fn is_idle(&self) -> bool {
        self.running.is_empty()
    }

    /// Ends what has no end of its own, for the server is about to stop. The rest is answered.
    pub(super) fn stop(&mut self) {
        self.is_stopping = true;
        self.running.retain(|_, running| {
            if running.is_endless {
                running.task.abort();
            }
            !running.is_endless
        });
    }

    /// Whether everything is answered that was to be before the server stops.
    pub(super) fn is_over(&self) -> bool {
        self.is_stopping && self.is_idle()
    }

    /// The operation of this name is over.
    fn end(&mut self, operation: &str) -> Option<Running> {
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
                if let Some(Running { task, .. }) = self.end(&operation) {
                    task.abort();
                }
                Ok(None)
            }
            Said::Subscribe { .. } if !self.acknowledged => Err(Close::Unauthorized),
            Said::Subscribe { operation, .. } if self.running.contains_key(&operation) => {
                Err(Close::OperationExists(operation))
            }
            Said::Subscribe { operation, .. } if self.running.len() >= self.app.limits.websocket_operations => {
                let message =
                    format!("A connection may run {} operations at a time.", self.app.limits.websocket_operations);
                Ok(Some(refused(&operation, &[Code::BadRequest.error(message)])))
            }
            Said::Subscribe { operation, .. } if self.is_stopping => {
                let message = "The server is stopping. Connect again.";
                Ok(Some(refused(&operation, &[Code::ServiceUnavailable.error(message)])))
            }
            Said::Subscribe { operation, request } => {
                let Some(place) = self.app.graph.admit() else {
                    return Ok(Some(refused(&operation, &[Code::Overloaded.error(OVERLOADED)])));
                };
                let caller = self.caller.as_ref().ok_or(Close::Unauthorized)?;
                // Between two looks at the connection, too, nothing is done for somebody who was shut out.
                if !caller.holds(self.app.graph.store()).await {
                    return Err(Close::Forbidden);
                }
                let (access, purse) = (caller.access.clone(), self.app.purse(caller));
                match request::parse(request, &self.app.documents) {
                    Ok(request) => self.begin(operation, self.app.graph.prepare(request, purse, place), access),
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

    fn begin(&mut self, name: String, reading: PreparedRequest, access: Access) {
        self.begun += 1;
        // Finished tasks are let go of here, so that a long-lived socket does not collect them.
        while self.tasks.try_join_next().is_some() {}
        let is_endless = reading.is_subscription();
        let answers = self.app.graph.responses(reading, access, &self.id);
        let task = self.tasks.spawn(operation::run(name.clone(), self.begun, answers, self.outbox.clone()));
        self.running.insert(name, Running { number: self.begun, task, is_endless });
    }

    /// Passes on what an operation says, unless the client has lost interest in it.
    pub(super) fn tell(&mut self, told: Told) -> Option<Message> {
        if self.running.get(&told.operation).is_none_or(|running| running.number != told.number) {
            return None;
        }
        if told.is_last {
            self.end(&told.operation);
        }
        Some(told.message)
    }
}
