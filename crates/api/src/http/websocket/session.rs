//! The state of one WebSocket: its caller and its operations.

use std::collections::HashMap;

use async_graphql::Response as GraphqlResponse;
use axum::extract::ws::Message;
use domain::access::Access;
use futures_util::{
    FutureExt,
    future::{BoxFuture, pending},
};
use serde_json::Value;
use tokio::{
    sync::mpsc,
    task::{AbortHandle, JoinSet},
    time::Instant,
};

use super::{
    close::Close,
    message::{ClientMessage, acknowledged, authorization, error, pong},
    operation::{self, Outbox, Outgoing},
};
use crate::{
    graphql::{Code, OVERLOADED, PreparedRequest, RequestId},
    http::{address::Address, app::App, caller::Caller, request},
};

/// The state of one WebSocket.
pub(super) struct Session {
    app: App,
    /// `None`: a credential is required, and the client has not sent one yet.
    caller: Option<Caller>,
    address: Address,
    id: RequestId,
    pub(super) acknowledged: bool,
    /// Resolves when the caller's credential expires or is revoked.
    pub(super) until_expired: BoxFuture<'static, ()>,
    /// Whether the server is stopping and no operation can start.
    pub(super) is_stopping: bool,
    running: HashMap<String, RunningOperation>,
    tasks: JoinSet<()>,
    outbox: Outbox,
    started: u64,
    /// When the last operation ended, or the session started.
    pub(super) idle_since: Instant,
}

struct RunningOperation {
    number: u64,
    task: AbortHandle,
    is_subscription: bool,
}

impl Session {
    /// A session, and the messages of its operations.
    pub(super) fn new(
        app: App,
        caller: Option<Caller>,
        address: Address,
        id: RequestId,
    ) -> (Self, mpsc::Receiver<Outgoing>) {
        let (outbox, messages) = Outbox::new();
        let session = Self {
            app,
            caller,
            address,
            id,
            acknowledged: false,
            until_expired: pending().boxed(),
            is_stopping: false,
            running: HashMap::new(),
            tasks: JoinSet::new(),
            outbox,
            started: 0,
            idle_since: Instant::now(),
        };
        (session, messages)
    }

    /// Whether no operation is running.
    pub(super) fn is_idle(&self) -> bool {
        self.running.is_empty()
    }

    /// Ends the subscriptions, because the server is stopping. Queries and mutations finish.
    pub(super) fn stop(&mut self) {
        self.is_stopping = true;
        self.running.retain(|_, running| {
            if running.is_subscription {
                running.task.abort();
            }
            !running.is_subscription
        });
    }

    /// Whether the server is stopping and all operations have finished.
    pub(super) fn is_finished(&self) -> bool {
        self.is_stopping && self.is_idle()
    }

    fn end(&mut self, operation: &str) -> Option<RunningOperation> {
        let ended = self.running.remove(operation)?;
        self.idle_since = Instant::now();
        Some(ended)
    }

    /// Processes a message of the client, and returns the reply.
    pub(super) async fn receive(&mut self, text: &str) -> Result<Option<Message>, Close> {
        match ClientMessage::parse(text).ok_or(Close::BadRequest)? {
            ClientMessage::Init { .. } if self.acknowledged => Err(Close::InitTwice),
            ClientMessage::Init { payload } => {
                if let Some(credential) = authorization(&payload)? {
                    self.caller = Some(self.app.identify_credential(Some(credential), self.address).await?);
                }
                self.until_expired = self.app.until_expired(self.caller.as_ref().ok_or(Close::Unauthorized)?);
                self.acknowledged = true;
                Ok(Some(acknowledged()))
            }
            ClientMessage::Ping => Ok(Some(pong())),
            ClientMessage::Pong => Ok(None),
            ClientMessage::Complete { operation } => {
                if let Some(RunningOperation { task, .. }) = self.end(&operation) {
                    task.abort();
                }
                Ok(None)
            }
            ClientMessage::Subscribe { operation, request } => self.subscribe(operation, request).await,
        }
    }

    /// Starts an operation, or returns its error.
    async fn subscribe(&mut self, operation: String, request: Value) -> Result<Option<Message>, Close> {
        if !self.acknowledged {
            return Err(Close::Unauthorized);
        }
        if self.running.contains_key(&operation) {
            return Err(Close::OperationExists(operation));
        }
        let max_operations = self.app.limits.websocket_operations;
        if self.running.len() >= max_operations {
            let message = format!("A connection can run {max_operations} operations at a time.");
            return Ok(Some(error(&operation, &[Code::BadRequest.error(message)])));
        }
        if self.is_stopping {
            let message = "The server is stopping. Connect again.";
            return Ok(Some(error(&operation, &[Code::ServiceUnavailable.error(message)])));
        }
        let Some(permit) = self.app.graph.admit() else {
            return Ok(Some(error(&operation, &[Code::Overloaded.error(OVERLOADED)])));
        };
        let caller = self.caller.as_ref().ok_or(Close::Unauthorized)?;
        // The credential is also checked between the periodic checks.
        if !caller.is_valid(self.app.graph.store()).await {
            return Err(Close::Forbidden);
        }
        let (access, budget) = (caller.access.clone(), self.app.budget(caller));
        match request::parse(request, &self.app.documents) {
            Ok(request) => self.start(operation, self.app.graph.prepare(request, budget, permit), access),
            // The client sends the document next, or runs another one.
            Err(rejection)
                if rejection.has_code(Code::PersistedQueryNotFound) || rejection.has_code(Code::DocumentNotTrusted) =>
            {
                return Ok(Some(error(&operation, &GraphqlResponse::from(rejection).errors)));
            }
            Err(_) => return Err(Close::BadRequest),
        }
        Ok(None)
    }

    fn start(&mut self, operation: String, request: PreparedRequest, access: Access) {
        self.started += 1;
        // Removes finished tasks, so that a long-lived socket does not accumulate them.
        while self.tasks.try_join_next().is_some() {}
        let is_subscription = request.is_subscription();
        let responses = self.app.graph.responses(request, access, &self.id);
        let task = operation::run(operation.clone(), self.started, responses, self.outbox.clone());
        let task = self.tasks.spawn(task);
        self.running.insert(operation, RunningOperation { number: self.started, task, is_subscription });
    }

    /// The message of an operation for the client; `None` if the client has ended the operation.
    pub(super) fn forward(&mut self, outgoing: Outgoing) -> Option<Message> {
        if self.running.get(&outgoing.operation).is_none_or(|running| running.number != outgoing.number) {
            return None;
        }
        if outgoing.is_last {
            self.end(&outgoing.operation);
        }
        Some(outgoing.message)
    }
}
