use std::sync::{Arc, Mutex, PoisonError};

use async_graphql::{
    Request, Variables,
    parser::types::{ExecutableDocument, OperationType},
};
use hashlink::LruCache;

use super::variables_shape::{InputTypes, variables_shape};

/// The maximum number of validation results that are kept for one document.
const MAX_RESULTS: usize = 64;

/// A parsed document with its validation results.
#[derive(Debug)]
pub(super) struct Document {
    /// Shared with the running subscriptions.
    parsed: Arc<ExecutableDocument>,
    /// The approximate size of the parsed document.
    bytes: usize,
    /// The costs of the document where it is valid.
    costs: Mutex<LruCache<ValidationKey, usize>>,
}

/// An operation of a document with its variables. It can be executed any number of times.
#[derive(Debug)]
pub(in crate::graphql) struct Operation {
    document: Arc<ExecutableDocument>,
    document_bytes: usize,
    name: Option<String>,
    pub(in crate::graphql) variables: Variables,
}

impl Operation {
    /// Returns a request for one execution.
    pub(in crate::graphql) fn request(&self) -> Request {
        Self::request_with(&self.document, self.name.clone(), self.variables.clone())
    }

    /// Returns the request for the only execution.
    pub(in crate::graphql) fn into_request(self) -> Request {
        Self::request_with(&self.document, self.name, self.variables)
    }

    fn request_with(document: &ExecutableDocument, name: Option<String>, variables: Variables) -> Request {
        let mut request = Request::new(String::new()).variables(variables);
        request.operation_name = name;
        request.set_parsed_query(document.clone());
        request
    }

    /// Returns the address of the document, which identifies it, and its approximate bytes.
    pub(in crate::graphql) fn document_address_and_bytes(&self) -> (usize, usize) {
        (Arc::as_ptr(&self.document).addr(), self.document_bytes)
    }
}

/// The parts of a request that decide whether its document is valid: the operation's name and the shape of the variables.
type ValidationKey = (Option<String>, String);

impl Document {
    pub(super) fn new(parsed: ExecutableDocument, bytes: usize) -> Self {
        Self { parsed: Arc::new(parsed), bytes, costs: Mutex::new(LruCache::new(MAX_RESULTS)) }
    }

    pub(super) fn parsed(&self) -> &ExecutableDocument {
        &self.parsed
    }

    /// Returns the operation with this name and these variables, for its execution.
    pub(super) fn operation(&self, name: Option<String>, variables: Variables) -> Operation {
        Operation { document: self.parsed.clone(), document_bytes: self.bytes, name, variables }
    }

    /// Whether an operation of the document declares this variable.
    pub(super) fn declares(&self, variable: &str) -> bool {
        let mut declared =
            self.parsed.operations.iter().flat_map(|(_, operation)| &operation.node.variable_definitions);
        declared.any(|definition| definition.node.name.node == variable)
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
