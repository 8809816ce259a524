use async_graphql::parser::types::{ExecutableDocument, OperationDefinition, OperationType, Selection};

use crate::graphql::schema::roles::root_field;
pub(crate) use crate::metrics::OperationLabel;

impl OperationLabel {
    /// The label of an invalid document, and of an operation that is not in its document.
    pub(in crate::graphql) const UNKNOWN: Self = Self { kind: "operation", field: "unknown" };

    /// Whether the operation is a query.
    pub(in crate::graphql) fn is_query(&self) -> bool {
        self.kind == "query"
    }

    /// Returns the label of the operation with this name, or of the only operation.
    pub(in crate::graphql) fn of(document: &ExecutableDocument, name: Option<&str>) -> Self {
        let mut operations = document.operations.iter();
        let requested =
            operations.find(|(candidate, _)| name.is_none() || candidate.map(|candidate| candidate.as_str()) == name);
        requested.map_or(Self::UNKNOWN, |(_, operation)| Self::of_operation(&operation.node))
    }

    fn of_operation(operation: &OperationDefinition) -> Self {
        let kind = match operation.ty {
            OperationType::Query => "query",
            OperationType::Mutation => "mutation",
            OperationType::Subscription => "subscription",
        };
        let mut fields = operation.selection_set.node.items.iter().map(|selection| match &selection.node {
            Selection::Field(field) => field_label(&field.node.name.node),
            Selection::FragmentSpread(_) | Selection::InlineFragment(_) => "fragment",
        });
        let first = fields.next().unwrap_or(Self::UNKNOWN.field);
        let field = if fields.all(|field| field == first) { first } else { "several" };
        Self { kind, field }
    }
}

/// Returns the label of a root field.
fn field_label(name: &str) -> &'static str {
    if name.starts_with('_') {
        // A field of GraphQL itself or of Federation.
        return if name == "_entities" { "_entities" } else { "introspection" };
    }
    root_field(name).map_or(OperationLabel::UNKNOWN.field, |field| &field.name)
}

#[cfg(test)]
mod tests {
    use async_graphql::parser::parse_query;

    use super::*;

    #[test]
    fn a_label_contains_no_name_that_a_client_chose() {
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
            let label = OperationLabel::of(&parse_query(document).unwrap(), name);
            assert_eq!(label, OperationLabel { kind, field }, "{document}");
        }
    }
}
