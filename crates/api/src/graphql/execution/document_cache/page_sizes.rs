//! A variable for a page size can be omitted, like any other optional variable.
//!
//! async-graphql calculates the cost of a page before execution, and rejects a variable without a value there. For a page
//! size, null means the same as no value. Other variables do not change, because null in an edit clears a field.

use std::collections::HashSet;

use async_graphql::{
    Positioned, Value,
    parser::types::{DocumentOperations, ExecutableDocument, OperationDefinition, Selection, SelectionSet},
};

/// Gives every optional variable for a page size the default value null.
pub(super) fn default_to_null(document: &mut ExecutableDocument) {
    let mut sizes = HashSet::new();
    for (_, operation) in document.operations.iter() {
        collect_sizes(&operation.node.selection_set.node, &mut sizes);
    }
    for fragment in document.fragments.values() {
        collect_sizes(&fragment.node.selection_set.node, &mut sizes);
    }
    let set_defaults = |operation: &mut Positioned<OperationDefinition>| {
        for definition in &mut operation.node.variable_definitions {
            let Positioned { pos, node } = definition;
            let is_optional = node.default_value.is_none() && node.var_type.node.nullable;
            if is_optional && sizes.contains(node.name.node.as_str()) {
                node.default_value = Some(Positioned::new(Value::Null, *pos));
            }
        }
    };
    match &mut document.operations {
        DocumentOperations::Single(operation) => set_defaults(operation),
        DocumentOperations::Multiple(operations) => operations.values_mut().for_each(set_defaults),
    }
}

/// Collects the variables that are the `first` or the `last` argument of a field.
fn collect_sizes(selected: &SelectionSet, sizes: &mut HashSet<String>) {
    for selection in &selected.items {
        let inner = match &selection.node {
            Selection::Field(field) => {
                for (name, value) in &field.node.arguments {
                    if matches!(name.node.as_str(), "first" | "last") {
                        // Only a variable is printed with a leading dollar sign.
                        sizes.extend(value.node.to_string().strip_prefix('$').map(ToOwned::to_owned));
                    }
                }
                &field.node.selection_set
            }
            Selection::InlineFragment(fragment) => &fragment.node.selection_set,
            Selection::FragmentSpread(_) => continue,
        };
        collect_sizes(&inner.node, sizes);
    }
}
