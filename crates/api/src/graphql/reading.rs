use async_graphql::{
    Request, ServerError,
    parser::{
        parse_query,
        types::{ExecutableDocument, OperationType},
    },
};

use super::{Graph, Topic, codes};

/// A request whose document was measured and then parsed, once for all who look at it. Nothing else is executed.
#[derive(Debug)]
pub(crate) struct Reading(Result<Read, ServerError>);

#[derive(Debug)]
struct Read {
    request: Request,
    subscribes: bool,
    changes: bool,
    topic: Topic,
}

impl Graph {
    /// Reads a request. One that asks for too much, or whose document is none, is answered so by whatever executes it.
    pub(crate) fn read(&self, mut request: Request) -> Reading {
        let limits = &self.limits;
        let document = limits.ensure_short(&request.query).and_then(|()| {
            let document = parse_query(&request.query).map_err(|error| codes::of_syntax(error.into()))?;
            limits.ensure_small(&document).map(|()| document)
        });
        Reading(document.map(|document| {
            let asks = |kind| asks_for(&document, request.operation_name.as_deref(), kind);
            let (subscribes, changes) = (asks(OperationType::Subscription), asks(OperationType::Mutation));
            let topic = Topic::of(&document, request.operation_name.as_deref());
            request.set_parsed_query(document);
            Read { request, subscribes, changes, topic }
        }))
    }
}

impl Reading {
    /// Whether there may be more than one answer. One that was refused has one, which says so.
    pub(crate) fn is_subscription(&self) -> bool {
        self.0.as_ref().is_ok_and(|read| read.subscribes)
    }

    /// Whether something may be changed.
    pub(crate) fn is_mutation(&self) -> bool {
        self.0.as_ref().is_ok_and(|read| read.changes)
    }

    /// What it is about.
    pub(crate) fn topic(&self) -> Topic {
        self.0.as_ref().map_or(Topic::UNKNOWN, |read| read.topic)
    }

    /// What to execute.
    pub(super) fn request(self) -> Result<Request, ServerError> {
        self.0.map(|read| read.request)
    }
}

/// Whether the operation of this name, or any if none is said, is of this kind.
fn asks_for(document: &ExecutableDocument, name: Option<&str>, kind: OperationType) -> bool {
    document.operations.iter().any(|(named, operation)| {
        let asked = name.is_none() || named.is_none() || named.map(|named| named.as_str()) == name;
        asked && operation.node.ty == kind
    })
}
