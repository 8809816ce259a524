use std::sync::{Mutex, PoisonError};

use async_graphql::{
    Request,
    parser::types::{ExecutableDocument, OperationType},
};
use hashlink::LruCache;

use super::shape::{self, Inputs};

/// The most ways of asking with one document that are remembered to be valid.
const MOST_WAYS: usize = 64;

/// A document as it is executed, and what was found out about it.
#[derive(Debug)]
pub(super) struct Document {
    parsed: ExecutableDocument,
    /// What the operations cost, by the way in which they were asked for.
    valid: Mutex<LruCache<Way, usize>>,
}

/// What a document may be valid for and for something else not: the name of an operation, and the shape of the variables.
type Way = (Option<String>, String);

impl Document {
    pub(super) fn new(parsed: ExecutableDocument) -> Self {
        Self { parsed, valid: Mutex::new(LruCache::new(MOST_WAYS)) }
    }

    pub(super) fn parsed(&self) -> &ExecutableDocument {
        &self.parsed
    }

    /// Whether the operation of this name, or any if none is said, is of this kind.
    pub(super) fn asks_for(&self, name: Option<&str>, kind: OperationType) -> bool {
        self.parsed.operations.iter().any(|(named, operation)| {
            let asked = name.is_none() || named.is_none() || named.map(|named| named.as_str()) == name;
            asked && operation.node.ty == kind
        })
    }

    /// What a request with this document costs, from `validate` unless one like it was valid before.
    pub(super) fn cost<E>(
        &self,
        request: &Request,
        inputs: Option<&Inputs>,
        validate: impl FnOnce() -> Result<usize, E>,
    ) -> Result<usize, E> {
        let shape = inputs.and_then(|inputs| shape::of(&self.parsed, &request.variables, inputs));
        let Some(way) = shape.map(|shape| (request.operation_name.clone(), shape)) else { return validate() };
        if let Some(cost) = self.valid.lock().unwrap_or_else(PoisonError::into_inner).get(&way) {
            return Ok(*cost);
        }
        let cost = validate()?;
        self.valid.lock().unwrap_or_else(PoisonError::into_inner).insert(way, cost);
        Ok(cost)
    }
}
