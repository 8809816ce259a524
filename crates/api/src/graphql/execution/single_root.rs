//! What the specification asks of a subscription and async-graphql does not look at: it has one root field, which nothing
//! makes conditional. async-graphql also passes over a root field inside of a fragment, so those are unfolded.

use std::collections::{HashMap, HashSet};

use async_graphql::{
    Name, Positioned, ServerError,
    parser::types::{
        DocumentOperations, ExecutableDocument, Field, FragmentDefinition, OperationDefinition, OperationType,
        Selection, SelectionSet, TypeCondition,
    },
};

use crate::graphql::Code;

type Fragments = HashMap<Name, Positioned<FragmentDefinition>>;

/// The document with one plain root field in each of its subscriptions, or the error that it is not so.
pub(in crate::graphql) fn with_single_root(
    mut document: ExecutableDocument,
) -> Result<ExecutableDocument, ServerError> {
    let mut unfolded = HashSet::new();
    let operations: Vec<&mut Positioned<OperationDefinition>> = match &mut document.operations {
        DocumentOperations::Single(operation) => vec![operation],
        DocumentOperations::Multiple(operations) => operations.values_mut().collect(),
    };
    for operation in operations {
        if operation.node.ty == OperationType::Subscription {
            make_single(operation, &document.fragments, &mut unfolded)?;
        }
    }
    // A fragment on the root is used nowhere else, so nobody uses it any more, and an unused fragment is an error.
    document.fragments.retain(|name, _| !unfolded.contains(name));
    Ok(document)
}

fn make_single(
    operation: &mut Positioned<OperationDefinition>,
    fragments: &Fragments,
    unfolded: &mut HashSet<Name>,
) -> Result<(), ServerError> {
    let refusal = |message: &str| {
        let mut error = Code::GraphqlValidationFailed.error(message);
        error.locations.push(operation.pos);
        error
    };
    let mut roots = Vec::new();
    if !unfold(&operation.node.selection_set.node, fragments, &mut HashSet::new(), unfolded, &mut roots)
        .map_err(|()| refusal("The root field of a subscription has neither `@skip` nor `@include`."))?
    {
        // There is something that validation refuses.
        return Ok(());
    }
    let mut roots = roots.into_iter();
    let mut root = roots.next().ok_or_else(|| refusal("A subscription has a root field."))?;
    for other in roots {
        let (one, same) = (&mut root.node, other.node);
        if one.response_key().node != same.response_key().node || one.name.node != same.name.node {
            return Err(refusal(
                "A subscription has one root field: subscribe to each thing in an operation of its own.",
            ));
        }
        if one.arguments != same.arguments {
            return Err(refusal("The root field of a subscription has the same arguments wherever it is named."));
        }
        one.selection_set.node.items.extend(same.selection_set.node.items);
    }
    if root.node.name.node.starts_with("__") {
        return Err(refusal("The root field of a subscription is one that can be followed."));
    }
    operation.node.selection_set.node.items = vec![Positioned::new(Selection::Field(root.clone()), root.pos)];
    Ok(())
}

/// Gathers the root fields, those in fragments too. `false`: there is a fragment that is nothing for a subscription.
fn unfold(
    set: &SelectionSet,
    fragments: &Fragments,
    within: &mut HashSet<Name>,
    unfolded: &mut HashSet<Name>,
    roots: &mut Vec<Positioned<Field>>,
) -> Result<bool, ()> {
    let is_ours = |condition: &Positioned<TypeCondition>| condition.node.on.node == "Subscription";
    for item in &set.items {
        if item.node.directives().iter().any(|directive| matches!(&*directive.node.name.node, "skip" | "include")) {
            return Err(());
        }
        let inner = match &item.node {
            Selection::Field(field) => {
                roots.push(field.clone());
                continue;
            }
            Selection::InlineFragment(fragment) if fragment.node.type_condition.as_ref().is_none_or(is_ours) => {
                &fragment.node.selection_set.node
            }
            Selection::FragmentSpread(spread) => {
                let name = &spread.node.fragment_name.node;
                match fragments.get(name) {
                    Some(fragment) if is_ours(&fragment.node.type_condition) => {
                        unfolded.insert(name.clone());
                        // A fragment is taken in once, as the specification collects fields.
                        if !within.insert(name.clone()) {
                            continue;
                        }
                        &fragment.node.selection_set.node
                    }
                    _ => return Ok(false),
                }
            }
            Selection::InlineFragment(_) => return Ok(false),
        };
        if !unfold(inner, fragments, within, unfolded, roots)? {
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
    fn a_root_field_is_found_wherever_it_stands() {
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
    fn whatever_else_a_subscription_selects_is_refused() {
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
    fn what_validation_refuses_is_left_as_it_is() {
        for document in ["subscription { ...Missing }", "subscription { ... on Other { a } }"] {
            assert!(roots(document).unwrap()[0].contains("Fragment"), "{document}");
        }
    }

    #[test]
    fn a_query_selects_what_it_likes() {
        assert_eq!(roots("query { a { b } ...F } fragment F on Query { c }").unwrap().len(), 3);
    }
}
