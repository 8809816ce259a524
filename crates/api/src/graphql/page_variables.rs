//! A page size in a variable may be left out, as any other optional variable.

use std::{collections::HashSet, sync::Arc};

use async_graphql::{
    Positioned, ServerResult, Value, Variables,
    extensions::{Extension, ExtensionContext, ExtensionFactory, NextParseQuery},
    parser::types::{DocumentOperations, ExecutableDocument, OperationDefinition, Selection, SelectionSet},
};

/// Gives a variable that is left out, and that says the size of a page, the value null.
///
/// async-graphql counts what a page costs before it executes anything, and there takes a variable without a value for a
/// mistake. For a size, null and nothing are the same; other variables are not touched, for in an edit null clears.
pub(super) struct PageVariables;

impl ExtensionFactory for PageVariables {
    fn create(&self) -> Arc<dyn Extension> {
        Arc::new(Self)
    }
}

#[async_graphql::async_trait::async_trait]
impl Extension for PageVariables {
    async fn parse_query(
        &self,
        ctx: &ExtensionContext<'_>,
        query: &str,
        variables: &Variables,
        next: NextParseQuery<'_>,
    ) -> ServerResult<ExecutableDocument> {
        let mut document = next.run(ctx, query, variables).await?;
        let mut sizes = HashSet::new();
        for (_, operation) in document.operations.iter() {
            collect_sizes(&operation.node.selection_set.node, &mut sizes);
        }
        for fragment in document.fragments.values() {
            collect_sizes(&fragment.node.selection_set.node, &mut sizes);
        }
        let fill = |operation: &mut Positioned<OperationDefinition>| {
            for definition in &mut operation.node.variable_definitions {
                let Positioned { pos, node } = definition;
                let is_left_out = node.default_value.is_none() && !variables.contains_key(&node.name.node);
                if is_left_out && node.var_type.node.nullable && sizes.contains(node.name.node.as_str()) {
                    node.default_value = Some(Positioned::new(Value::Null, *pos));
                }
            }
        };
        match &mut document.operations {
            DocumentOperations::Single(operation) => fill(operation),
            DocumentOperations::Multiple(operations) => operations.values_mut().for_each(fill),
        }
        Ok(document)
    }
}

/// The variables that are the `first` or the `last` of some field.
fn collect_sizes(selected: &SelectionSet, sizes: &mut HashSet<String>) {
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
        collect_sizes(&inner.node, sizes);
    }
}
