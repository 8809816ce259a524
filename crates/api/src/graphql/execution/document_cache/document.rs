use std::sync::{Mutex, PoisonError};

use async_graphql::{
    Request,
    parser::types::{ExecutableDocument, OperationType},
};
use hashlink::LruCache;

use super::variables_shape::{InputTypes, variables_shape};

/// The maximum number of validation results that are kept for one document.
const MAX_RESULTS: usize = 64;

/// A parsed document with its validation results.
#[derive(Debug)]
pub(super) struct Document {
    parsed: ExecutableDocument,
    /// The costs of the document where it is valid.
    costs: Mutex<LruCache<ValidationKey, usize>>,
}

/// The parts of a request that decide whether its document is valid: the operation's name and the shape of the variables.
type ValidationKey = (Option<String>, String);

impl Document {
    pub(super) fn new(parsed: ExecutableDocument) -> Self {
        Self { parsed, costs: Mutex::new(LruCache::new(MAX_RESULTS)) }
    }

    pub(super) fn parsed(&self) -> &ExecutableDocument {
        &self.parsed
    }

    /// Whether the operation with this name, or any operation if no name is given, is of this type.
    pub(super) fn has_operation(&self, name: Option<&str>, operation_type: OperationType) -> bool {
        self.parsed.operations.iter().any(|(candidate, operation)| {
            let is_requested =
                name.is_none() || candidate.is_none() || candidate.map(|candidate| candidate.as_str()) == name;
            is_requested && operation.node.ty == operation_type
        })
    }

    /// Returns the cost of a request with this document. Calls `validate` unless a request of the same shape was valid.
    pub(super) fn cost<E>(
        &self,
        request: &Request,
        input_types: Option<&InputTypes>,
        validate: impl FnOnce() -> Result<usize, E>,
    ) -> Result<usize, E> {
        let shape = input_types.and_then(|types| variables_shape(&self.parsed, &request.variables, types));
        let Some(key) = shape.map(|shape| (request.operation_name.clone(), shape)) else { return validate() };
        if let Some(cost) = self.costs.lock().unwrap_or_else(PoisonError::into_inner).get(&key) {
            return Ok(*cost);
        }
        let cost = validate()?;
        self.costs.lock().unwrap_or_else(PoisonError::into_inner).insert(key, cost);
        Ok(cost)
    }
}
