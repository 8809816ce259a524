//! Every root field has an example in `examples/operations`, and every example works on the demo.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use api::{App, Playground, demo::Demo};
use async_graphql::parser::{
    parse_query, parse_schema,
    types::{OperationType, Selection, TypeKind, TypeSystemDefinition},
};
use domain::{Actor, access::Access};
use serde_json::Value;
use tests::Client;

/// An example operation.
struct Example {
    kind: OperationType,
    document: String,
    variables: Value,
    /// The root fields it selects.
    fields: Vec<String>,
}

/// All examples, by their file names.
fn examples() -> BTreeMap<String, Example> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/operations");
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let documents = files.filter(|file| file.extension().is_some_and(|extension| extension == "graphql"));
    let read = |file: &Path| fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    documents
        .map(|file| {
            let document = read(&file);
            let variables = serde_json::from_str(&read(&file.with_extension("json"))).unwrap();
            let parsed = parse_query(&document).unwrap();
            let (name, operation) = parsed.operations.iter().next().unwrap();
            let name = name.unwrap().to_string();
            assert_eq!(name, file.file_stem().unwrap().to_str().unwrap(), "the operation has the name of its file");
            let selected = operation.node.selection_set.node.items.iter().map(|item| match &item.node {
                Selection::Field(field) => field.node.name.node.to_string(),
                _ => panic!("{name} selects a fragment of the root"),
            });
            let fields = selected.collect();
            (name, Example { kind: operation.node.ty, document, variables, fields })
        })
        .collect()
}

/// The root fields of a kind; none if the schema has no such operations.
fn root_fields(kind: OperationType) -> Vec<String> {
    let document = parse_schema(api::sdl()).unwrap();
    let root = document.definitions.into_iter().find_map(|definition| match definition {
        TypeSystemDefinition::Type(definition) if definition.node.name.node == format!("{kind:?}") => {
            Some(definition.node.kind)
        }
        _ => None,
    });
    match root {
        Some(TypeKind::Object(root)) => root.fields.iter().map(|field| field.node.name.node.to_string()).collect(),
        _ => Vec::new(),
    }
}

/// The names of all problem types.
fn problems() -> BTreeSet<String> {
    let document = parse_schema(api::sdl()).unwrap();
    let problems = document.definitions.into_iter().filter_map(|definition| match definition {
        TypeSystemDefinition::Type(definition) => match definition.node.kind {
            TypeKind::Object(object) if object.implements.iter().any(|interface| interface.node == "Problem") => {
                Some(definition.node.name.node.to_string())
            }
            _ => None,
        },
        _ => None,
    });
    problems.collect()
}

/// The name of a root field's example: that of the field, for a subscription with the prefix `On`.
fn name_of(kind: OperationType, field: &str) -> String {
    let mut name = field.to_owned();
    name[..1].make_ascii_uppercase();
    if kind == OperationType::Subscription { format!("On{name}") } else { name }
}

#[test]
fn every_root_field_has_an_example_and_every_example_a_root_field() {
    let examples = examples();
    let kinds = [OperationType::Query, OperationType::Mutation, OperationType::Subscription];
    let mut wrong = Vec::new();
    for kind in kinds {
        let fields = root_fields(kind);
        assert!(kind == OperationType::Subscription || !fields.is_empty());
        for field in &fields {
            let name = name_of(kind, field);
            if examples.get(&name).is_none_or(|example| example.kind != kind || !example.fields.contains(field)) {
                wrong.push(format!("{kind:?}.{field} has no example {name}.graphql"));
            }
        }
        for (name, example) in examples.iter().filter(|(_, example)| example.kind == kind) {
            let unknown = example.fields.iter().filter(|field| !fields.contains(field));
            wrong.extend(unknown.map(|field| format!("{name}.graphql selects {kind:?}.{field}, which does not exist")));
        }
    }
    assert_eq!(wrong, [""; 0]);
}

#[tokio::test]
async fn every_example_works_on_the_demo() {
    let demo = Demo::prepare().await.unwrap();
    let (app, _stop) = App::new(demo.store(), Access::unlimited(Actor::Demo), Playground::bare());
    let client = Client::of(app.router());
    let problems = problems();
    // Subscriptions are tested elsewhere because they have no single response.
    for (name, example) in examples().into_iter().filter(|(_, example)| example.kind != OperationType::Subscription) {
        let answer = client.graphql(&example.document, &example.variables).await;
        for (field, found) in answer.data().as_object().unwrap() {
            assert!(!found.is_null(), "{name}: {field} finds nothing");
            // An example of a problem has the problem's name.
            let is_problem = found["__typename"].as_str().is_some_and(|kind| problems.contains(kind));
            assert!(!is_problem || found["__typename"] == name, "{name}: {found:#}");
            let is_mutation = example.kind == OperationType::Mutation;
            assert!(!is_mutation || found.get("__typename").is_some(), "{name} does not select __typename");
        }
    }
    demo.store().close().await;
}
