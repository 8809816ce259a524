//! A running subscription keeps its document and its variables. Their bytes are limited for each caller.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use async_graphql::{Name, Value, Variables};

use super::document_cache::Operation;
use crate::caller_key::CallerKey;

/// The bytes of a subscription without its document and its variables.
const OVERHEAD: usize = 2_048;

/// The bytes that the subscriptions of all callers keep.
#[derive(Clone)]
pub(in crate::graphql) struct RetentionLimit {
    /// The maximum bytes for each caller.
    limit: usize,
    callers: Arc<Mutex<HashMap<CallerKey, CallerBytes>>>,
}

/// The bytes that the subscriptions of one caller keep.
#[derive(Default)]
struct CallerBytes {
    bytes: usize,
    /// The number of subscriptions with each document, which they share. A document is identified by its address.
    documents: HashMap<usize, usize>,
}

/// The bytes of one subscription, returned when it is dropped.
pub(in crate::graphql) struct RetainedBytes {
    limit: RetentionLimit,
    key: CallerKey,
    /// The address of the document, and its bytes.
    document: (usize, usize),
    /// The bytes that no other subscription shares.
    own: usize,
}

impl RetentionLimit {
    pub(in crate::graphql) fn new(limit: usize) -> Self {
        Self { limit, callers: Arc::default() }
    }

    /// Counts the bytes of a subscription; an error has the limit.
    pub(in crate::graphql) fn retain(&self, key: &CallerKey, operation: &Operation) -> Result<RetainedBytes, usize> {
        let document = operation.document_address_and_bytes();
        let own = OVERHEAD + variables_bytes(&operation.variables);
        let mut callers = self.callers.lock().unwrap_or_else(PoisonError::into_inner);
        let caller = callers.entry(key.clone()).or_default();
        let new = own + if caller.documents.contains_key(&document.0) { 0 } else { document.1 };
        if caller.bytes.saturating_add(new) > self.limit {
            if caller.bytes == 0 {
                callers.remove(key);
            }
            return Err(self.limit);
        }
        caller.bytes += new;
        *caller.documents.entry(document.0).or_default() += 1;
        drop(callers);
        Ok(RetainedBytes { limit: self.clone(), key: key.clone(), document, own })
    }
}

impl RetainedBytes {
    /// The bytes of the document and the variables.
    pub(in crate::graphql) fn bytes(&self) -> usize {
        self.document.1 + self.own - OVERHEAD
    }
}

impl Drop for RetainedBytes {
    fn drop(&mut self) {
        let mut callers = self.limit.callers.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(caller) = callers.get_mut(&self.key) else { return };
        caller.bytes -= self.own;
        if let Some(subscriptions) = caller.documents.get_mut(&self.document.0) {
            *subscriptions -= 1;
            if *subscriptions == 0 {
                caller.documents.remove(&self.document.0);
                caller.bytes -= self.document.1;
            }
        }
        if caller.documents.is_empty() {
            callers.remove(&self.key);
        }
    }
}

fn variables_bytes(variables: &Variables) -> usize {
    variables.iter().map(|(name, value)| ENTRY + name.len() + value_bytes(value)).sum()
}

/// The bytes of an entry of an object, with its hash and its place in the index.
const ENTRY: usize = size_of::<(Name, Value)>() + 2 * size_of::<usize>() + 8;

/// Returns the bytes on the heap that a value owns.
fn value_bytes(value: &Value) -> usize {
    match value {
        Value::Null | Value::Number(_) | Value::Boolean(_) => 0,
        Value::String(text) => text.capacity(),
        Value::Binary(bytes) => bytes.len(),
        Value::Enum(name) => name.len() + 2 * size_of::<usize>(),
        Value::List(values) => values.capacity() * size_of::<Value>() + values.iter().map(value_bytes).sum::<usize>(),
        Value::Object(members) => {
            let inner = |(name, value): (&Name, &Value)| name.len() + 2 * size_of::<usize>() + value_bytes(value);
            members.capacity() * ENTRY + members.iter().map(inner).sum::<usize>()
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn nested_values_are_counted_with_their_containers() {
        let bytes = |value| value_bytes(&Value::from_json(value).unwrap());
        assert_eq!(bytes(json!(null)), 0);
        assert!(bytes(json!("x".repeat(1_000))) >= 1_000);
        assert!(bytes(json!(vec![json!([]); 1_000])) >= 1_000 * size_of::<Value>());
        let object = |members: usize| (0..members).map(|number| (format!("member {number}"), json!([1]))).collect();
        let (one, many) = (bytes(serde_json::Value::Object(object(1))), bytes(serde_json::Value::Object(object(500))));
        assert!(many > 400 * one.min(2 * size_of::<Value>()), "{one} {many}");
    }
}
