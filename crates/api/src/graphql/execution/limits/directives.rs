use async_graphql::{
    Positioned, ServerError,
    parser::types::{Directive, ExecutableDocument, Selection, SelectionSet},
};

use super::DocumentLimits;
use crate::graphql::execution::error_codes::Code;

/// Limits the directives in each place of a document, and checks those on `__typename`, which async-graphql's validation
/// skips.
pub(super) fn ensure_few(document: &ExecutableDocument, limits: &DocumentLimits) -> Result<(), ServerError> {
    for (_, operation) in document.operations.iter() {
        limits.directives(operation.node.directives.len())?;
        for variable in &operation.node.variable_definitions {
            limits.directives(variable.node.directives.len())?;
        }
        ensure_few_in(&operation.node.selection_set.node, limits)?;
    }
    for fragment in document.fragments.values() {
        limits.directives(fragment.node.directives.len())?;
        ensure_few_in(&fragment.node.selection_set.node, limits)?;
    }
    Ok(())
}

fn ensure_few_in(set: &SelectionSet, limits: &DocumentLimits) -> Result<(), ServerError> {
    for selection in &set.items {
        let directives = selection.node.directives();
        limits.directives(directives.len())?;
        match &selection.node {
            Selection::Field(field) if field.node.name.node == "__typename" => ensure_known(directives)?,
            Selection::Field(field) => ensure_few_in(&field.node.selection_set.node, limits)?,
            Selection::InlineFragment(fragment) => ensure_few_in(&fragment.node.selection_set.node, limits)?,
            Selection::FragmentSpread(_) => {}
        }
    }
    Ok(())
}

fn ensure_known(directives: &[Positioned<Directive>]) -> Result<(), ServerError> {
    for directive in directives {
        let name = &directive.node.name.node;
        let is_known = matches!(name.as_str(), "skip" | "include")
            && directive.node.arguments.iter().all(|(argument, _)| argument.node == "if")
            && directive.node.arguments.len() == 1;
        if !is_known {
            let mut error = Code::GraphqlValidationFailed
                .error(format!("`@{name}` is not allowed here; only `@skip(if:)` and `@include(if:)` are."));
            error.locations.push(directive.pos);
            return Err(error);
        }
    }
    Ok(())
}
