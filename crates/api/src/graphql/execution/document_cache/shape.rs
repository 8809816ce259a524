//! The shape of variables: all of them that decides whether a request is valid and what it costs.
//!
//! An `ID` and a `String` may be any text, so one is as good as another, and a document that was valid for the id of one
//! guest is so for that of the next. All other values are in the shape as they are: a text may be none of the names of an
//! enum, and a number may say how much is asked for.

use std::{collections::HashMap, fmt::Write};

use async_graphql::{
    Value, Variables,
    parser::types::{BaseType, ExecutableDocument, Type},
    registry::{MetaType, Registry},
};

/// The longest shape that is worth remembering, in bytes.
const LONGEST: usize = 2_048;

/// The input objects of a schema, each with the types of its fields.
#[derive(Debug)]
pub(super) struct Inputs(HashMap<String, HashMap<String, Type>>);

impl Inputs {
    pub(super) fn of(registry: &Registry) -> Self {
        let objects = registry.types.iter().filter_map(|(name, of)| match of {
            MetaType::InputObject { input_fields, .. } => Some((name, input_fields)),
            _ => None,
        });
        let fields = objects.map(|(name, fields)| {
            let types = fields.iter().filter_map(|(field, of)| Some((field.clone(), Type::new(&of.ty)?)));
            (name.clone(), types.collect())
        });
        Self(fields.collect())
    }
}

/// The shape of what a document is asked with; `None`: it is too long to be met again.
pub(super) fn of(document: &ExecutableDocument, variables: &Variables, inputs: &Inputs) -> Option<String> {
    let mut shape = String::new();
    for (_, operation) in document.operations.iter() {
        for definition in &operation.node.variable_definitions {
            let (name, of) = (&definition.node.name.node, &definition.node.var_type.node);
            if let Some(value) = variables.get(name) {
                write!(shape, "{name}:").ok()?;
                draw(of, value, inputs, &mut shape)?;
            }
        }
        shape.push(';');
    }
    Some(shape)
}

fn draw(of: &Type, value: &Value, inputs: &Inputs, shape: &mut String) -> Option<()> {
    match (&of.base, value) {
        (BaseType::List(of), Value::List(values)) => {
            shape.push('[');
            values.iter().try_for_each(|value| draw(of, value, inputs, shape))?;
            shape.push(']');
        }
        // One value stands for a list of it.
        (BaseType::List(of), value) => draw(of, value, inputs, shape)?,
        (BaseType::Named(name), Value::String(_)) if matches!(name.as_str(), "ID" | "String") => shape.push('"'),
        (BaseType::Named(name), Value::Object(given)) if inputs.0.contains_key(name.as_str()) => {
            let fields = &inputs.0[name.as_str()];
            shape.push('{');
            for (name, value) in given {
                // Names that the schema has: with another one it is not valid.
                let of = fields.get(name.as_str())?;
                write!(shape, "{name}:").ok()?;
                draw(of, value, inputs, shape)?;
            }
            shape.push('}');
        }
        (BaseType::Named(_), value) => write!(shape, "{value},").ok()?,
    }
    (shape.len() <= LONGEST).then_some(())
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use async_graphql::{InputType, parser::parse_query};
    use serde_json::{Value as Json, json};

    use super::*;
    use crate::graphql::schema::mutations::register_guest::RegisterGuestInput;

    static INPUTS: LazyLock<Inputs> = LazyLock::new(|| {
        let mut registry = Registry::default();
        RegisterGuestInput::create_type_info(&mut registry);
        Inputs::of(&registry)
    });

    fn shape(declared: &str, variables: Json) -> Option<String> {
        let document = parse_query(format!("query ({declared}) {{ a }}")).unwrap();
        of(&document, &Variables::from_json(variables), &INPUTS)
    }

    #[test]
    fn one_id_and_one_text_are_as_good_as_another() {
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
    fn whatever_else_differs_makes_another_shape() {
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
    fn what_will_not_be_met_again_has_none() {
        assert_eq!(shape("$a: [ID!]!", json!({ "a": vec!["x"; LONGEST] })), None);
        assert_eq!(shape("$input: RegisterGuestInput!", json!({ "input": { "nonsense": 1 } })), None);
    }
}
