//! The costs of valid requests, so that requests of the same shape are validated once.

use async_graphql::Request;

use super::{
    document::Document,
    variables_shape::{InputTypes, variables_shape},
};
use crate::byte_cache::ByteCache;

/// The maximum size of all cached validation results, in bytes.
const MAX_BYTES: usize = 4 * 1024 * 1024;
/// The bytes of a validation result in addition to its texts.
const ENTRY_OVERHEAD: usize = 160;

/// The costs of valid requests.
pub(super) struct ValidationResults(ByteCache<ValidationKey, usize>);

/// The parts of a request that decide whether it is valid: the document, the operation's name and the shape of the
/// variables.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
struct ValidationKey {
    document: u64,
    operation_name: Option<String>,
    shape: String,
}

impl ValidationResults {
    pub(super) fn new() -> Self {
        Self(ByteCache::new(MAX_BYTES))
    }

    /// Returns the cost of a request with this document. Calls `validate` unless a request of the same shape was valid.
    pub(super) fn cost<E>(
        &self,
        document: &Document,
        request: &Request,
        input_types: Option<&InputTypes>,
        validate: impl FnOnce() -> Result<usize, E>,
    ) -> Result<usize, E> {
        let shape = input_types.and_then(|types| variables_shape(document.parsed(), &request.variables, types));
        let Some(shape) = shape else { return validate() };
        let operation_name = request.operation_name.clone();
        let bytes = shape.len() + operation_name.as_ref().map_or(0, String::len) + ENTRY_OVERHEAD;
        let key = ValidationKey { document: document.number(), operation_name, shape };
        if let Some(cost) = self.0.get(&key) {
            return Ok(cost);
        }
        let cost = validate()?;
        self.0.insert(key, cost, bytes);
        Ok(cost)
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::{Variables, parser::parse_query, registry::Registry};
    use serde_json::json;

    use super::*;

    #[test]
    fn the_validation_results_of_all_documents_are_bounded_in_bytes() {
        let (results, types) = (ValidationResults::new(), InputTypes::of(&Registry::default()));
        let document = Document::new(parse_query("query ($a: Int) { a }").unwrap(), 0, 0);
        let cost = |name: &str, number: usize, cost: usize| {
            let variables = Variables::from_json(json!({ "a": number }));
            let request = Request::new("").operation_name(name).variables(variables);
            results.cost(&document, &request, Some(&types), || Ok::<_, ()>(cost)).unwrap()
        };
        let long = "x".repeat(50_000);
        for number in 0..1_000 {
            assert_eq!(cost(&long, number, number), number);
        }
        assert!(results.0.bytes() <= MAX_BYTES as u64, "{}", results.0.bytes());
        assert_eq!(cost(&long, 999, 7), 999, "the last result is kept");
        let other = Document::new(parse_query("query ($a: Int) { a }").unwrap(), 0, 0);
        let request = Request::new("").variables(Variables::from_json(json!({ "a": 1 })));
        assert_eq!(results.cost(&other, &request, Some(&types), || Ok::<_, ()>(7)), Ok(7));
    }
}
