//! The specification requires that a subscription has exactly one unconditional root field, which async-graphql does not
//! check. async-graphql also ignores a root field inside of a fragment, so such fragments are expanded here.

use std::collections::{HashMap, HashSet};

use async_graphql::{
    Name, Positioned, ServerError,
    parser::types::{
        DocumentOperations, ExecutableDocument, Field, FragmentDefinition, OperationDefinition, OperationType,
        Selection, SelectionSet, TypeCondition,
    },
};

use super::error_codes::Code;

type Fragments = HashMap<Name, Positioned<FragmentDefinition>>;

/// Rewrites each subscription of a document to one plain root field; fails if a subscription has another form.
pub(super) fn with_single_root(mut document: ExecutableDocument) -> Result<ExecutableDocument, ServerError> {
    let mut expanded = HashSet::new();
    let operations: Vec<&mut Positioned<OperationDefinition>> = match &mut document.operations {
        DocumentOperations::Single(operation) => vec![operation],
        DocumentOperations::Multiple(operations) => operations.values_mut().collect(),
    };
    for operation in operations {
        if operation.node.ty == OperationType::Subscription {
            make_single(operation, &document.fragments, &mut expanded)?;
        }
    }
    // An expanded fragment on the root is no longer used, and validation rejects unused fragments.
    document.fragments.retain(|name, _| !expanded.contains(name));
    Ok(document)
}

fn make_single(
    operation: &mut Positioned<OperationDefinition>,
    fragments: &Fragments,
    expanded: &mut HashSet<Name>,
) -> Result<(), ServerError> {
    let refusal = |message: &str| {
        let mut error = Code::GraphqlValidationFailed.error(message);
        error.locations.push(operation.pos);
        error
    };
    let mut roots = Vec::new();
    if !expand(&operation.node.selection_set.node, fragments, &mut HashSet::new(), expanded, &mut roots)
        .map_err(|()| refusal("The root field of a subscription cannot have `@skip` or `@include`."))?
    {
        // Validation rejects this document.
        return Ok(());
    }
    let mut roots = roots.into_iter();
    let mut root = roots.next().ok_or_else(|| refusal("A subscription must have a root field."))?;
    for other in roots {
        let (first, other) = (&mut root.node, other.node);
        if first.response_key().node != other.response_key().node || first.name.node != other.name.node {
            return Err(refusal(
                "A subscription must have exactly one root field. Send a separate operation for each.",
            ));
        }
        if first.arguments != other.arguments {
            return Err(refusal("The root field of a subscription must have the same arguments wherever it occurs."));
        }
        first.selection_set.node.items.extend(other.selection_set.node.items);
    }
    if root.node.name.node.starts_with("__") {
        return Err(refusal("The root field of a subscription cannot be an introspection field."));
    }
    operation.node.selection_set.node.items = vec![Positioned::new(Selection::Field(root.clone()), root.pos)];
    Ok(())
}

/// Collects the root fields, including those in fragments. Returns `false` for a fragment that is unknown or on another
/// type, and an error for a conditional selection.
fn expand(
    set: &SelectionSet,
    fragments: &Fragments,
    visited: &mut HashSet<Name>,
    expanded: &mut HashSet<Name>,
    roots: &mut Vec<Positioned<Field>>,
) -> Result<bool, ()> {
    let is_root = |condition: &Positioned<TypeCondition>| condition.node.on.node == "Subscription";
    for item in &set.items {
        if item.node.directives().iter().any(|directive| matches!(&*directive.node.name.node, "skip" | "include")) {
            return Err(());
        }
        let inner = match &item.node {
            Selection::Field(field) => {
                roots.push(field.clone());
                continue;
            }
            Selection::InlineFragment(fragment) if fragment.node.type_condition.as_ref().is_none_or(is_root) => {
                &fragment.node.selection_set.node
            }
            Selection::FragmentSpread(spread) => {
                let name = &spread.node.fragment_name.node;
                match fragments.get(name) {
                    Some(fragment) if is_root(&fragment.node.type_condition) => {
                        expanded.insert(name.clone());
                        // The specification collects each fragment once.
                        if !visited.insert(name.clone()) {
                            continue;
                        }
                        &fragment.node.selection_set.node
                    }
                    _ => return Ok(false),
                }
            }
            Selection::InlineFragment(_) => return Ok(false),
        };
        if !expand(inner, fragments, visited, expanded, roots)? {
            return Ok(false);
        }
    }
    Ok(true)
}

#[cfg(test)]
mod tests {
    use async_graphql::parser::parse_query;

    use super::*;

    fn roots(document: &str) -> Result<Vec<String>, String> {
        let document = with_single_root(parse_query(document).unwrap()).map_err(|error| error.message)?;
        let (_, operation) = document.operations.iter().next().unwrap();
        let items = &operation.node.selection_set.node.items;
        Ok(items
            .iter()
            .map(|item| match &item.node {
                Selection::Field(field) => {
                    format!("{} {}", field.node.name.node, field.node.selection_set.node.items.len())
                }
                other => format!("{other:?}"),
            })
            .chain(document.fragments.keys().map(ToString::to_string))
            .collect())
    }

    #[test]
    fn a_root_field_is_found_in_any_fragment() {
        for (document, found) in [
            ("subscription { a { b } }", vec!["a 1"]),
            ("subscription { ... { a { b } } }", vec!["a 1"]),
            ("subscription { ... on Subscription { a { b } } }", vec!["a 1"]),
            ("subscription { ...F } fragment F on Subscription { a { b c } }", vec!["a 2"]),
            ("subscription { ...F ...F } fragment F on Subscription { a { b c } }", vec!["a 2"]),
            (
                "subscription { ...F } fragment F on Subscription { ...G } fragment G on Subscription { a { b } }",
                vec!["a 1"],
            ),
            ("subscription { x: a { b } x: a { c } }", vec!["a 2"]),
            ("subscription { a { ...G } } fragment G on A { b }", vec!["a 1", "G"]),
        ] {
            assert_eq!(roots(document).unwrap(), found, "{document}");
        }
    }

    #[test]
    fn any_other_selection_of_a_subscription_is_refused() {
        for document in [
            "subscription { a b }",
            "subscription { a x: a }",
            "subscription { a ...F } fragment F on Subscription { b }",
            "subscription { a(b: 1) a(b: 2) }",
            "subscription { __typename }",
            "subscription { ...F } fragment F on Subscription { ...F }",
            "subscription ($c: Boolean!) { a @skip(if: $c) }",
            "subscription ($c: Boolean!) { ... @include(if: $c) { a } }",
        ] {
            assert!(roots(document).is_err(), "{document}");
        }
    }

    #[test]
    fn an_invalid_fragment_is_left_to_validation() {
        for document in ["subscription { ...Missing }", "subscription { ... on Other { a } }"] {
            assert!(roots(document).unwrap()[0].contains("Fragment"), "{document}");
        }
    }

    #[test]
    fn a_query_does_not_change() {
        assert_eq!(roots("query { a { b } ...F } fragment F on Query { c }").unwrap().len(), 3);
    }
}
