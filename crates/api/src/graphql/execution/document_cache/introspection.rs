//! Introspection can be disabled.

use async_graphql::{
    ServerError,
    parser::types::{ExecutableDocument, Selection, SelectionSet},
};

use crate::graphql::execution::error_codes::Code;

/// The fields that return the schema. `__typename` is not one of them: it only names a type that the client selected.
const INTROSPECTION_FIELDS: [&str; 3] = ["__schema", "__type", "_service"];

/// Rejects a document that selects the schema. Each fragment is searched once, wherever it is spread, because only the
/// root has fields with these names.
pub(super) fn ensure_no_introspection(document: &ExecutableDocument) -> Result<(), ServerError> {
    let operations = document.operations.iter().map(|(_, operation)| &operation.node.selection_set.node);
    let fragments = document.fragments.values().map(|fragment| &fragment.node.selection_set.node);
    let mut sets: Vec<&SelectionSet> = operations.chain(fragments).collect();
    while let Some(set) = sets.pop() {
        for selection in &set.items {
            match &selection.node {
                Selection::Field(field) if INTROSPECTION_FIELDS.contains(&field.node.name.node.as_str()) => {
                    let mut error = Code::GraphqlValidationFailed.error("Introspection is disabled on this server.");
                    error.locations = vec![field.pos];
                    return Err(error);
                }
                Selection::Field(field) => sets.push(&field.node.selection_set.node),
                Selection::InlineFragment(fragment) => sets.push(&fragment.node.selection_set.node),
                Selection::FragmentSpread(_) => {}
            }
        }
    }
    Ok(())
}
