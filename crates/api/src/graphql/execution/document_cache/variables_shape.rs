//! The shape of variables: the part that decides whether a request is valid and what it costs.
//!
//! Any text is a valid `ID` or `String`, so the shape omits it: a document that is valid for one guest's id is valid for
//! every other. All other values are part of the shape, because a text can be an invalid enum value, and a number can be
//! the size of a page.

use std::{collections::HashMap, fmt::Write};

use async_graphql::{
    Value, Variables,
    parser::types::{BaseType, ExecutableDocument, Type},
    registry::{MetaType, Registry},
};

/// The maximum length of a shape that is kept, in bytes.
const MAX_SHAPE: usize = 2_048;

/// The input objects of a schema, with the types of their fields.
#[derive(Debug)]
pub(super) struct InputTypes(HashMap<String, HashMap<String, Type>>);

impl InputTypes {
    pub(super) fn of(registry: &Registry) -> Self {
        let objects = registry.types.iter().filter_map(|(name, meta_type)| match meta_type {
            MetaType::InputObject { input_fields, .. } => Some((name, input_fields)),
            _ => None,
        });
        let fields = objects.map(|(name, fields)| {
            let types = fields.iter().filter_map(|(field, input)| Some((field.clone(), Type::new(&input.ty)?)));
            (name.clone(), types.collect())
        });
        Self(fields.collect())
    }
}

/// Returns the shape of a request's variables; `None` if it is too long to keep.
pub(super) fn variables_shape(
    document: &ExecutableDocument,
    variables: &Variables,
    input_types: &InputTypes,
) -> Option<String> {
    let mut shape = String::new();
    for (_, operation) in document.operations.iter() {
        for definition in &operation.node.variable_definitions {
            let (name, value_type) = (&definition.node.name.node, &definition.node.var_type.node);
            if let Some(value) = variables.get(name) {
                write!(shape, "{name}:").ok()?;
                write_shape(value_type, value, input_types, &mut shape)?;
            }
        }
        shape.push(';');
    }
    Some(shape)
}

fn write_shape(value_type: &Type, value: &Value, input_types: &InputTypes, shape: &mut String) -> Option<()> {
    match (&value_type.base, value) {
        (BaseType::List(item_type), Value::List(values)) => {
            shape.push('[');
            values.iter().try_for_each(|value| write_shape(item_type, value, input_types, shape))?;
            shape.push(']');
        }
        // A single value is coerced to a list with one item.
        (BaseType::List(item_type), value) => write_shape(item_type, value, input_types, shape)?,
        (BaseType::Named(name), Value::String(_)) if matches!(name.as_str(), "ID" | "String") => shape.push('"'),
        (BaseType::Named(name), Value::Object(object)) if input_types.0.contains_key(name.as_str()) => {
            let field_types = &input_types.0[name.as_str()];
            shape.push('{');
            for (name, value) in object {
                // A field that the schema does not have is invalid, so its shape is not kept.
                let field_type = field_types.get(name.as_str())?;
                write!(shape, "{name}:").ok()?;
                write_shape(field_type, value, input_types, shape)?;
            }
            shape.push('}');
        }
        (BaseType::Named(_), value) => write!(shape, "{value},").ok()?,
    }
    (shape.len() <= MAX_SHAPE).then_some(())
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use async_graphql::{InputType, parser::parse_query};
    use serde_json::{Value as Json, json};

    use super::*;
    use crate::graphql::schema::mutations::register_guest::RegisterGuestInput;

    static INPUT_TYPES: LazyLock<InputTypes> = LazyLock::new(|| {
        let mut registry = Registry::default();
        RegisterGuestInput::create_type_info(&mut registry);
        InputTypes::of(&registry)
    });

    fn shape(declared: &str, variables: Json) -> Option<String> {
        let document = parse_query(format!("query ({declared}) {{ a }}")).unwrap();
        variables_shape(&document, &Variables::from_json(variables), &INPUT_TYPES)
    }

    #[test]
    fn two_ids_or_two_texts_have_the_same_shape() {
        let input = |guest: &str| json!({ "input": { "trackId": 1, "guestId": guest, "waitlist": true } });
        for (declared, one, other) in [
            ("$a: ID!", json!({ "a": "x" }), json!({ "a": "y" })),
            ("$a: [ID!]!", json!({ "a": ["x", "y"] }), json!({ "a": ["z", ""] })),
            ("$input: RegisterGuestInput!", input("x"), input("y")),
            ("$a: Int", json!({}), json!({ "undeclared": 1 })),
        ] {
            assert!(shape(declared, one.clone()).is_some());
            assert_eq!(shape(declared, one), shape(declared, other), "{declared}");
        }
    }

    #[test]
    fn other_values_have_different_shapes() {
        let input = |name: &str, value: Json| json!({ "input": { name: value } });
        for (declared, one, other) in [
            ("$a: ID", json!({ "a": "x" }), json!({ "a": null })),
            ("$a: ID", json!({ "a": "x" }), json!({})),
            ("$a: ID", json!({ "a": "1" }), json!({ "a": 1 })),
            ("$a: [ID!]!", json!({ "a": ["x", "y"] }), json!({ "a": ["x"] })),
            ("$a: Int", json!({ "a": 1 }), json!({ "a": 2 })),
            ("$a: RegistrationStatus", json!({ "a": "REGISTERED" }), json!({ "a": "NONSENSE" })),
            ("$a: DateTime", json!({ "a": "2027-01-01T00:00:00Z" }), json!({ "a": "soon" })),
            ("$a: Unknown", json!({ "a": { "b": "x" } }), json!({ "a": { "b": "y" } })),
            ("$input: RegisterGuestInput!", input("trackId", json!(1)), input("trackId", json!(2))),
            ("$input: RegisterGuestInput!", input("guestId", json!("x")), input("centerId", json!("x"))),
        ] {
            assert_ne!(shape(declared, one), shape(declared, other), "{declared}");
        }
    }

    #[test]
    fn a_long_or_invalid_input_has_no_shape() {
        assert_eq!(shape("$a: [ID!]!", json!({ "a": vec!["x"; MAX_SHAPE] })), None);
        assert_eq!(shape("$input: RegisterGuestInput!", json!({ "input": { "nonsense": 1 } })), None);
    }
}
