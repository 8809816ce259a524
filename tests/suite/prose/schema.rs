//! The descriptions of the GraphQL schema.

use async_graphql::{
    Name, Positioned,
    parser::types::{FieldDefinition, InputValueDefinition, TypeKind},
};

use super::passages::Passage;
use crate::schema::types;

/// Descriptions that async-graphql gives to the types of connections.
const OF_THE_LIBRARY: [&str; 3] = [
    "A cursor for use in pagination",
    "Information about pagination in a connection",
    "The item at the end of the edge",
];

/// The description of every type, field, argument, input field and enum value. It is empty if it is missing.
pub(super) fn descriptions() -> Vec<Passage> {
    let mut passages = Vec::new();
    for definition in types(&api::sdl()).into_values() {
        passages.push(passage(&definition.name, definition.description.as_ref()));
        match &definition.kind {
            TypeKind::Object(object) => passages.extend(object.fields.iter().flat_map(field)),
            TypeKind::Interface(interface) => passages.extend(interface.fields.iter().flat_map(field)),
            TypeKind::InputObject(object) => passages.extend(object.fields.iter().map(input)),
            TypeKind::Enum(set) => {
                let values = set.values.iter().map(|value| &value.node);
                passages.extend(values.map(|value| passage(&value.value, value.description.as_ref())));
            }
            TypeKind::Scalar | TypeKind::Union(_) => {}
        }
    }
    passages.retain(|passage| !OF_THE_LIBRARY.contains(&passage.markdown.as_str()));
    passages
}

/// A field and its arguments.
fn field(field: &Positioned<FieldDefinition>) -> Vec<Passage> {
    let arguments = field.node.arguments.iter().map(input);
    arguments.chain([passage(&field.node.name, field.node.description.as_ref())]).collect()
}

fn input(value: &Positioned<InputValueDefinition>) -> Passage {
    passage(&value.node.name, value.node.description.as_ref())
}

fn passage(name: &Positioned<Name>, description: Option<&Positioned<String>>) -> Passage {
    let markdown = description.map(|description| description.node.clone()).unwrap_or_default();
    let line = description.map_or(name.pos.line, |description| description.pos.line);
    // A block string begins in the line after its quotes.
    Passage { file: "schema.graphql".to_owned(), line: line + usize::from(markdown.contains('\n')), markdown }
}
