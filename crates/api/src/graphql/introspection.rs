//! A schema that is not told to clients.

use std::sync::Arc;

use async_graphql::{
    Pos, ServerResult, Variables,
    extensions::{Extension, ExtensionContext, ExtensionFactory, NextParseQuery},
    parser::types::{ExecutableDocument, Selection, SelectionSet},
};

use super::Code;

/// The fields that tell the schema; `__typename` tells no more than the name of what the client asked for.
const TELLING: [&str; 3] = ["__schema", "__type", "_service"];

/// Put into a request, keeps it from telling the schema.
pub(super) struct Untold;

/// Refuses a document that asks for the schema, if the request has an [`Untold`].
pub(super) struct Introspection;

impl ExtensionFactory for Introspection {
    fn create(&self) -> Arc<dyn Extension> {
        Arc::new(Self)
    }
}

#[async_graphql::async_trait::async_trait]
impl Extension for Introspection {
    async fn parse_query(
        &self,
        ctx: &ExtensionContext<'_>,
        query: &str,
        variables: &Variables,
        next: NextParseQuery<'_>,
    ) -> ServerResult<ExecutableDocument> {
        let document = next.run(ctx, query, variables).await?;
        match ctx.data_opt::<Untold>().and_then(|_| told(&document)) {
            None => Ok(document),
            Some(at) => {
                let mut error =
                    Code::GraphqlValidationFailed.error("The schema of this server is not told to clients.");
                error.locations = vec![at];
                Err(error)
            }
        }
    }
}

/// Where a document asks for the schema. Each fragment is looked through once, wherever it is used: only at the root
/// are there fields of these names.
fn told(document: &ExecutableDocument) -> Option<Pos> {
    let operations = document.operations.iter().map(|(_, operation)| &operation.node.selection_set.node);
    let fragments = document.fragments.values().map(|fragment| &fragment.node.selection_set.node);
    let mut sets: Vec<&SelectionSet> = operations.chain(fragments).collect();
    while let Some(set) = sets.pop() {
        for selection in &set.items {
            match &selection.node {
                Selection::Field(field) if TELLING.contains(&field.node.name.node.as_str()) => return Some(field.pos),
                Selection::Field(field) => sets.push(&field.node.selection_set.node),
                Selection::InlineFragment(fragment) => sets.push(&fragment.node.selection_set.node),
                Selection::FragmentSpread(_) => {}
            }
        }
    }
    None
}
