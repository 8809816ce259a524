//! Naming and shape rules that every part of the schema follows.

use std::collections::BTreeMap;

use async_graphql::parser::types::{
    BaseType, FieldDefinition, InputValueDefinition, ObjectType, Type, TypeDefinition, TypeKind,
};

use super::schema::types;

fn schema() -> BTreeMap<String, TypeDefinition> {
    types(&api::sdl())
}

fn object(definition: &TypeDefinition) -> Option<&ObjectType> {
    match &definition.kind {
        TypeKind::Object(object) => Some(object),
        _ => None,
    }
}

/// Every field of every object, with the name of its type.
fn fields(schema: &BTreeMap<String, TypeDefinition>) -> impl Iterator<Item = (&str, &FieldDefinition)> {
    schema
        .iter()
        .filter_map(|(name, definition)| Some((name, object(definition)?)))
        .flat_map(|(name, object)| object.fields.iter().map(move |field| (name.as_str(), &field.node)))
}

fn implements(schema: &BTreeMap<String, TypeDefinition>, name: &str, interface: &str) -> bool {
    let object = schema.get(name).and_then(object);
    object.is_some_and(|object| object.implements.iter().any(|implemented| implemented.node == interface))
}

/// The innermost name of a type, and whether it is a list.
fn core(ty: &Type) -> (&str, bool) {
    match &ty.base {
        BaseType::Named(name) => (name.as_str(), false),
        BaseType::List(inner) => (core(inner).0, true),
    }
}

#[test]
fn every_scalar_has_a_specification() {
    let schema = schema();
    let scalars = schema.iter().filter(|(_, definition)| matches!(definition.kind, TypeKind::Scalar));
    let names: Vec<_> = scalars
        .map(|(name, definition)| {
            let specified = definition.directives.iter().any(|directive| directive.node.name.node == "specifiedBy");
            assert!(specified, "{name} has no @specifiedBy");
            name.as_str()
        })
        .collect();
    assert_eq!(names, ["Date", "DateTime", "TimeZone"]);
}

#[test]
fn every_mutation_returns_one_success_type_or_a_problem() {
    let schema = schema();
    let mutation = object(&schema["Mutation"]).unwrap();
    for field in &mutation.fields {
        let (name, ty) = (field.node.name.node.as_str(), &field.node.ty.node);
        let operation = format!("{}{}", name[..1].to_uppercase(), &name[1..]);
        assert_eq!(ty.to_string(), format!("{operation}Result!"), "{name}");
        let TypeKind::Union(result) = &schema[core(ty).0].kind else { panic!("the result of {name} is no union") };
        let members = result.members.iter().map(|member| member.node.as_str());
        let (problems, done): (Vec<_>, Vec<_>) = members.partition(|member| implements(&schema, member, "Problem"));
        assert!(!problems.is_empty(), "{name} has no problems");
        let [done] = done[..] else { panic!("{name} succeeds with {done:?}") };
        assert!(implements(&schema, done, "Node") || done == format!("{operation}Success"), "{name}: {done}");
    }
}

#[test]
fn a_problem_is_named_as_a_fact_and_its_description_starts_with_its_code() {
    let schema = schema();
    for (name, definition) in schema.iter().filter(|(name, _)| implements(&schema, name, "Problem")) {
        let description = &definition.description.as_ref().unwrap().node;
        let code = description.split(':').next().unwrap();
        assert!(code.len() >= 3 && code.bytes().all(|byte| byte.is_ascii_digit()), "{name}: {description}");
        assert!(!name.ends_with("Error") && !name.ends_with("Problem") && !name.ends_with("Exception"), "{name}");
    }
}

#[test]
fn growing_lists_are_connections_and_other_lists_are_not_null() {
    let schema = schema();
    for (parent, field) in fields(&schema) {
        let (name, ty) = (format!("{parent}.{}", field.name.node), field.ty.node.to_string());
        let arguments: Vec<_> = field.arguments.iter().map(|argument| argument.node.name.node.as_str()).collect();
        let (core, is_list) = core(&field.ty.node);
        if core.ends_with("Connection") {
            assert!(ty.ends_with('!') && !is_list, "{name}: {ty}");
            let paging = ["first", "after", "last", "before"];
            assert!(paging.iter().all(|argument| arguments.contains(argument)), "{name}({arguments:?})");
            let members = object(&schema[core]).unwrap().fields.iter().map(|field| field.node.name.node.as_str());
            let members: Vec<_> = members.filter(|member| *member != "statusCounts").collect();
            assert_eq!(members, ["pageInfo", "edges", "nodes", "totalCount"], "{core}");
        } else if is_list {
            // These lists are in the order of the request, and an item can be missing.
            let may_miss = ["Query.nodes", "RegistrationsRefused.problems"].contains(&name.as_str());
            // Null means all centers, also future ones.
            let is_all_when_null = ["ApiKey.centers", "Viewer.centers"].contains(&name.as_str());
            let wanted = match (may_miss, is_all_when_null) {
                (true, _) => format!("[{core}]!"),
                (_, true) => format!("[{core}!]"),
                _ => format!("[{core}!]!"),
            };
            assert_eq!(ty, wanted, "{name}");
            let is_root = parent == "Query" && name != "Query.nodes";
            assert!(!is_root && !arguments.contains(&"first"), "{name} must be a connection");
        }
    }
}

#[test]
fn names_follow_the_graphql_conventions() {
    let schema = schema();
    let is_lower = |name: &str| name.starts_with(|c: char| c.is_ascii_lowercase()) && !name.contains('_');
    let is_upper = |name: &str| name.starts_with(|c: char| c.is_ascii_uppercase()) && !name.contains('_');
    let check_input = |of: &str, input: &InputValueDefinition| {
        let name = input.name.node.as_str();
        assert!(is_lower(name), "{of}({name})");
        let (core, is_list) = core(&input.ty.node);
        let is_id = name == "id" || name.ends_with("Id");
        let is_ids = name == "ids" || name.ends_with("Ids");
        assert!(core != "ID" || (is_id && !is_list) || (is_ids && is_list), "{of}({name}) is an id by its type only");
        // The id of another system is plain text.
        assert!(
            !is_id || core == "ID" || name == "externalId" || name == "trackId",
            "{of}({name}) is an id by its name only"
        );
    };
    for (name, definition) in &schema {
        assert!(is_upper(name), "{name}");
        match &definition.kind {
            TypeKind::Enum(set) => {
                for value in &set.values {
                    let value = value.node.value.node.as_str();
                    let is_constant = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
                    assert!(value.chars().all(is_constant), "{name}.{value}");
                }
            }
            TypeKind::InputObject(input) => {
                let endings = ["Input", "Filter", "Order", "By", "Entry", "Range"];
                assert!(endings.iter().any(|ending| name.ends_with(ending)), "{name} has no ending of an input");
                let one_of = definition.directives.iter().any(|directive| directive.node.name.node == "oneOf");
                assert_eq!(one_of, name.ends_with("By"), "{name}: only a `By` input is @oneOf");
                input.fields.iter().for_each(|field| check_input(name, &field.node));
            }
            _ => {}
        }
    }
    for (parent, field) in fields(&schema) {
        let name = format!("{parent}.{}", field.name.node);
        assert!(is_lower(&field.name.node), "{name}");
        field.arguments.iter().for_each(|argument| check_input(&name, &argument.node));
    }
}
