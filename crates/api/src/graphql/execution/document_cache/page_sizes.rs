//! A page size in a variable may be left out, as any other optional variable.
//!
//! async-graphql counts what a page costs before it executes anything, and there takes a variable without a value for a
//! mistake. For a size, null and nothing are the same; other variables are not touched, for in an edit null clears.

use std::collections::HashSet;

use async_graphql::{
    Positioned, Value,
    parser::types::{DocumentOperations, ExecutableDocument, OperationDefinition, Selection, SelectionSet},
};

/// Gives every variable that may be left out, and that says the size of a page, null for when it is.
pub(super) fn fill(document: &mut ExecutableDocument) {
    let mut sizes = HashSet::new();
    for (_, operation) in document.operations.iter() {
        collect(&operation.node.selection_set.node, &mut sizes);
    }
    for fragment in document.fragments.values() {
        collect(&fragment.node.selection_set.node, &mut sizes);
    }
    let fill = |operation: &mut Positioned<OperationDefinition>| {
        for definition in &mut operation.node.variable_definitions {
            let Positioned { pos, node } = definition;
            let may_be_left_out = node.default_value.is_none() && node.var_type.node.nullable;
            if may_be_left_out && sizes.contains(node.name.node.as_str()) {
                node.default_value = Some(Positioned::new(Value::Null, *pos));
            }
        }
    };
    match &mut document.operations {
        DocumentOperations::Single(operation) => fill(operation),
        DocumentOperations::Multiple(operations) => operations.values_mut().for_each(fill),
    }
}

/// The variables that are the `first` or the `last` of some field.
fn collect(selected: &SelectionSet, sizes: &mut HashSet<String>) {
    for selection in &selected.items {
        let inner = match &selection.node {
            Selection::Field(field) => {
                for (name, value) in &field.node.arguments {
                    if matches!(name.node.as_str(), "first" | "last") {
                        // Of all values only a variable is written with a dollar in front.
                        sizes.extend(value.node.to_string().strip_prefix('$').map(ToOwned::to_owned));
                    }
                }
                &field.node.selection_set
            }
            Selection::InlineFragment(fragment) => &fragment.node.selection_set,
            Selection::FragmentSpread(_) => continue,
        };
        collect(&inner.node, sizes);
    }
}
