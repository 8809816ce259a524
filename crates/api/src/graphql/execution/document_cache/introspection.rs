//! A schema that is not told to clients.

use async_graphql::{
    ServerError,
    parser::types::{ExecutableDocument, Selection, SelectionSet},
};

use crate::graphql::Code;

/// The fields that tell the schema; `__typename` tells no more than the name of what the client asked for.
const TELLING: [&str; 3] = ["__schema", "__type", "_service"];

/// Refuses a document that asks for the schema. Each fragment is looked through once, wherever it is used: only at the
/// root are there fields of these names.
pub(super) fn ensure_untold(document: &ExecutableDocument) -> Result<(), ServerError> {
    let operations = document.operations.iter().map(|(_, operation)| &operation.node.selection_set.node);
    let fragments = document.fragments.values().map(|fragment| &fragment.node.selection_set.node);
    let mut sets: Vec<&SelectionSet> = operations.chain(fragments).collect();
    while let Some(set) = sets.pop() {
        for selection in &set.items {
            match &selection.node {
                Selection::Field(field) if TELLING.contains(&field.node.name.node.as_str()) => {
                    let mut error =
                        Code::GraphqlValidationFailed.error("The schema of this server is not told to clients.");
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
