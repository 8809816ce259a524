use async_graphql::parser::types::{ExecutableDocument, OperationDefinition, OperationType, Selection};

use crate::graphql::schema::roles::root_field;

/// What an operation is about, in words of the schema and none of the client's.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct OperationLabel {
    /// What kind of operation it is.
    pub(crate) kind: &'static str,
    /// Its root field, or a word for what has not one of ours.
    pub(crate) field: &'static str,
}

impl OperationLabel {
    /// Of what could not be read, and of an operation that is not in its document.
    pub(in crate::graphql) const UNKNOWN: Self = Self { kind: "operation", field: "unknown" };

    /// Of the operation of this name, or of the only one.
    pub(in crate::graphql) fn of(document: &ExecutableDocument, name: Option<&str>) -> Self {
        let mut operations = document.operations.iter();
        let asked = operations.find(|(named, _)| name.is_none() || named.map(|named| named.as_str()) == name);
        asked.map_or(Self::UNKNOWN, |(_, operation)| Self::of_operation(&operation.node))
    }

    fn of_operation(operation: &OperationDefinition) -> Self {
        let kind = match operation.ty {
            OperationType::Query => "query",
            OperationType::Mutation => "mutation",
            OperationType::Subscription => "subscription",
        };
        let mut fields = operation.selection_set.node.items.iter().map(|selection| match &selection.node {
            Selection::Field(field) => known(&field.node.name.node),
            Selection::FragmentSpread(_) | Selection::InlineFragment(_) => "fragment",
        });
        let first = fields.next().unwrap_or(Self::UNKNOWN.field);
        let field = if fields.all(|field| field == first) { first } else { "several" };
        Self { kind, field }
    }
}

/// The field of the schema that has this name.
fn known(name: &str) -> &'static str {
    if name.starts_with('_') {
        // Of GraphQL, or of Federation.
        return if name == "_entities" { "_entities" } else { "introspection" };
    }
    root_field(name).map_or(OperationLabel::UNKNOWN.field, |field| &field.name)
}

#[cfg(test)]
mod tests {
    use async_graphql::parser::parse_query;

    use super::*;

    #[test]
    fn what_a_client_made_up_is_in_no_topic() {
        for (document, name, kind, field) in [
            ("{ workshops { totalCount } }", None, "query", "workshops"),
            ("query Ann { a: guests { totalCount } b: guests { totalCount } }", None, "query", "guests"),
            ("{ guests { totalCount } centers { totalCount } }", None, "query", "several"),
            ("mutation { registerGuest { __typename } }", None, "mutation", "registerGuest"),
            ("subscription { changes { kind } }", None, "subscription", "changes"),
            ("{ __schema { types { name } } }", None, "query", "introspection"),
            ("{ ...Ann } fragment Ann on Query { guests { totalCount } }", None, "query", "fragment"),
            ("{ annExampleOrg }", None, "query", "unknown"),
            ("query A { guests { totalCount } } query B { centers { totalCount } }", Some("B"), "query", "centers"),
            ("query A { guests { totalCount } }", Some("Ann"), "operation", "unknown"),
        ] {
            let topic = OperationLabel::of(&parse_query(document).unwrap(), name);
            assert_eq!(topic, OperationLabel { kind, field }, "{document}");
        }
    }
}
