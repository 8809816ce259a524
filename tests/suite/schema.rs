//! The contract with clients: `schema.graphql` is the schema, and contains all of the first release.

use std::collections::BTreeMap;

use async_graphql::parser::{
    parse_schema,
    types::{FieldDefinition, InputValueDefinition, TypeDefinition, TypeKind, TypeSystemDefinition},
};

const COMMITTED: &str = include_str!("../../schema.graphql");
/// The names, shapes and nullability of the first release. Later releases only add to them.
const CONTRACT: &str = include_str!("../contract.graphql");

#[test]
fn the_committed_schema_is_current() {
    assert!(api::sdl().trim() == COMMITTED.trim(), "schema.graphql is stale: run `just generate`");
}

#[test]
fn the_committed_openapi_document_is_current() {
    let committed = include_str!("../../openapi.json");
    assert!(api::openapi().trim() == committed.trim(), "openapi.json is stale: run `just generate`");
}

#[test]
fn every_problem_is_documented_with_its_code() {
    let errors = include_str!("../../docs/errors.md");
    for (problem, code) in domain::problems::CODES {
        let row = format!("| `{problem}` | {code} |");
        assert!(errors.contains(&row), "docs/errors.md has no row that begins with {row}");
    }
}

/// The types of a schema, by name.
pub(super) fn types(sdl: &str) -> BTreeMap<String, TypeDefinition> {
    let document = parse_schema(sdl).unwrap();
    let definitions = document.definitions.into_iter().filter_map(|definition| match definition {
        TypeSystemDefinition::Type(definition) => Some((definition.node.name.node.to_string(), definition.node)),
        _ => None,
    });
    definitions.collect()
}

/// A type as lines, one for each part that a client can use.
fn lines(definition: &TypeDefinition) -> Vec<String> {
    let name = definition.name.node.as_str();
    let input = |field: &InputValueDefinition| {
        let default = field.default_value.as_ref().map_or(String::new(), |value| format!(" = {}", value.node));
        format!("{}: {}{default}", field.name.node, field.ty.node)
    };
    // Each argument is a separate line, so optional arguments can be added.
    let field = |field: &FieldDefinition| {
        let field_name = format!("{name}.{}", field.name.node);
        let arguments = field.arguments.iter().map(|argument| format!("{field_name}({})", input(&argument.node)));
        let mut lines: Vec<_> = arguments.collect();
        lines.push(format!("{field_name}: {}", field.ty.node));
        lines
    };
    let implements = |interfaces: &[async_graphql::Positioned<async_graphql::Name>]| {
        interfaces.iter().map(|interface| format!("{name} implements {}", interface.node)).collect::<Vec<_>>()
    };
    match &definition.kind {
        TypeKind::Scalar => vec![format!("scalar {name}")],
        TypeKind::Object(object) => {
            let fields = object.fields.iter().flat_map(|each| field(&each.node));
            implements(&object.implements).into_iter().chain(fields).collect()
        }
        TypeKind::Interface(interface) => interface.fields.iter().flat_map(|each| field(&each.node)).collect(),
        TypeKind::Union(union) => union.members.iter().map(|member| format!("{name} = {}", member.node)).collect(),
        TypeKind::Enum(set) => set.values.iter().map(|value| format!("{name} of {}", value.node.value.node)).collect(),
        TypeKind::InputObject(object) => {
            object.fields.iter().map(|each| format!("{name}.{}", input(&each.node))).collect()
        }
    }
}

#[test]
fn the_schema_contains_the_contract() {
    let schema = types(COMMITTED);
    for (name, definition) in types(CONTRACT) {
        let ours = schema.get(&name).map(lines).unwrap_or_default();
        for line in lines(&definition) {
            assert!(ours.contains(&line), "{line}\nis not among:\n{}", ours.join("\n"));
        }
        // An argument that is required now must have been required before.
        let expected = lines(&definition);
        let required = |line: &&String| line.ends_with("!)") && !line.contains(" = ");
        for added in ours.iter().filter(required).filter(|line| !expected.contains(line)) {
            let field = added.split('(').next().unwrap();
            assert!(!expected.iter().any(|line| line.starts_with(&format!("{field}:"))), "{added} is new and required");
        }
    }
}
