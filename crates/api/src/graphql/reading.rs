use async_graphql::{
    Request, ServerError,
    parser::{
        parse_query,
        types::{ExecutableDocument, OperationType},
    },
};

use super::{Graph, Place, codes};

/// A request whose document was measured and then parsed, once for all who look at it. Nothing else is executed.
#[derive(Debug)]
pub(crate) struct Reading(Result<Read, ServerError>, Place);

#[derive(Debug)]
struct Read {
    request: Request,
    subscribes: bool,
    changes: bool,
}

impl Graph {
    /// Reads a request that has a place. One that asks for too much, or whose document is none, is answered so by whatever executes it.
    pub(crate) fn read(&self, mut request: Request, place: Place) -> Reading {
        let limits = &self.limits;
        let document = limits.ensure_short(&request.query).and_then(|()| {
            let document = parse_query(&request.query).map_err(|error| codes::of_syntax(error.into()))?;
            limits.ensure_small(&document).map(|()| document)
        });
        let read = document.map(|document| {
            let asks = |kind| asks_for(&document, request.operation_name.as_deref(), kind);
            let (subscribes, changes) = (asks(OperationType::Subscription), asks(OperationType::Mutation));
            request.set_parsed_query(document);
            Read { request, subscribes, changes }
        });
        Reading(read, place)
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

    /// What to execute, and the place that is kept until it is.
    pub(super) fn take(self) -> (Result<Request, ServerError>, Place) {
        (self.0.map(|read| read.request), self.1)
    }
}

/// Whether the operation of this name, or any if none is said, is of this kind.
fn asks_for(document: &ExecutableDocument, name: Option<&str>, kind: OperationType) -> bool {
    document.operations.iter().any(|(named, operation)| {
        let asked = name.is_none() || named.is_none() || named.map(|named| named.as_str()) == name;
        asked && operation.node.ty == kind
    })
}
