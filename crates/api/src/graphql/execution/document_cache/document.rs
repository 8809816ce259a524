use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use async_graphql::{
    Request, Variables,
    parser::types::{ExecutableDocument, OperationType},
};

/// A parsed document.
#[derive(Debug)]
pub(super) struct Document {
    /// Shared with the running subscriptions.
    parsed: Arc<ExecutableDocument>,
    /// The approximate size of the parsed document.
    bytes: usize,
    number: u64,
    /// The estimated number of values of the schema that the document selects.
    introspection: usize,
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

impl Document {
    pub(super) fn new(parsed: ExecutableDocument, bytes: usize, introspection: usize) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        Self { parsed: Arc::new(parsed), bytes, introspection, number: NEXT.fetch_add(1, Ordering::Relaxed) }
    }

    /// Returns the number of the document in this process. It is never reused, unlike an address.
    pub(super) fn number(&self) -> u64 {
        self.number
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

    pub(super) fn introspection(&self) -> usize {
        self.introspection
    }

    /// Whether the operation with this name, or any operation if no name is given, is of this type.
    pub(super) fn has_operation(&self, name: Option<&str>, operation_type: OperationType) -> bool {
        self.parsed.operations.iter().any(|(candidate, operation)| {
            let is_requested =
                name.is_none() || candidate.is_none() || candidate.map(|candidate| candidate.as_str()) == name;
            is_requested && operation.node.ty == operation_type
        })
    }
}
