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
    graphql::{Code, Failure, PreparedRequest, RequestId, Turn},
    http::{address::Address, app::App, caller::Caller, request},
    permit_pool::Permit,
};

/// The messages without a cost that a client can send between two pings of the server. Clients send a few.
const MAX_FREE_MESSAGES: u32 = 1_000;

/// The state of one WebSocket.
pub(super) struct Session {
    app: App,
    /// `None`: a credential is required, and the client has not sent one yet.
    caller: Option<Caller>,
    address: Address,
    id: RequestId,
    /// The permit of the WebSocket.
    permit: Permit,
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
    /// The messages without a cost since the last ping of the server.
    pub(super) free_messages: u32,
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
        permit: Permit,
    ) -> (Self, mpsc::Receiver<Outgoing>) {
        let (outbox, messages) = Outbox::new();
        let session = Self {
            app,
            caller,
            address,
            id,
            permit,
            acknowledged: false,
            until_expired: pending().boxed(),
            is_stopping: false,
            running: HashMap::new(),
            tasks: JoinSet::new(),
            outbox,
            started: 0,
            idle_since: Instant::now(),
            free_messages: 0,
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
        let caller = self.permit.caller().clone();
        let turn = self.app.graph.parsing_turn(caller, text.len()).await;
        let message = ClientMessage::parse(text).ok_or(Close::BadRequest)?;
        // Only an operation has more to be parsed.
        let turn = turn.filter(|_| matches!(message, ClientMessage::Subscribe { .. }));
        match message {
            ClientMessage::Init { .. } if self.acknowledged => Err(Close::InitTwice),
            ClientMessage::Init { payload } => {
                if let Some(credential) = authorization(&payload)? {
                    let caller = self.app.identify_credential(Some(credential), self.address).await?;
                    // Until now the WebSocket counted for its address, which it can share with others.
                    self.permit.transfer(caller.key()).map_err(|_| Close::TooMany)?;
                    self.caller = Some(caller);
                }
                self.until_expired = self.app.until_expired(self.caller.as_ref().ok_or(Close::Unauthorized)?);
                self.acknowledged = true;
                Ok(Some(acknowledged()))
            }
            ClientMessage::Ping => self.count_free_message().map(|()| Some(pong())),
            ClientMessage::Pong => self.count_free_message().map(|()| None),
            ClientMessage::Complete { operation } => match self.end(&operation) {
                Some(RunningOperation { task, .. }) => {
                    task.abort();
                    Ok(None)
                }
                None => self.count_free_message().map(|()| None),
            },
            ClientMessage::Subscribe { operation, request } => self.subscribe(operation, request, turn).await,
        }
    }

    /// Counts a message that costs nothing. Fails if the client floods the server with them.
    pub(super) fn count_free_message(&mut self) -> Result<(), Close> {
        self.free_messages += 1;
        if self.free_messages > MAX_FREE_MESSAGES { Err(Close::TooManyMessages) } else { Ok(()) }
    }

    /// Starts an operation, or returns its error. The turn is that of its message.
    async fn subscribe(
        &mut self,
        operation: String,
        request: Value,
        turn: Option<Turn>,
    ) -> Result<Option<Message>, Close> {
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
        let caller = self.caller.as_ref().ok_or(Close::Unauthorized)?;
        let permit = match self.app.graph.admit(caller.key()) {
            Ok(permit) => permit,
            Err(refused) => return Ok(Some(error(&operation, &[Failure::from(refused).into()]))),
        };
        // The credential is also checked between the periodic checks.
        if !caller.is_valid(self.app.graph.store()).await {
            return Err(Close::Forbidden);
        }
        let (access, budget) = (caller.access.clone(), self.app.budget(caller));
        match request::parse(request, &self.app.documents) {
            Ok(request) => {
                let request = self.app.prepare(request, budget, permit);
                drop(turn);
                self.start(operation, request, access);
            }
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
