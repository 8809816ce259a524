//! Generates valid and invalid documents from the schema. The choices come from a sequence of bytes: a shorter sequence
//! gives a simpler document.

use std::{collections::BTreeMap, fmt::Write};

use async_graphql::parser::{
    parse_schema,
    types::{BaseType, FieldDefinition, InputValueDefinition, Type, TypeKind, TypeSystemDefinition},
};
use serde_json::{Value, json};

/// The types of the schema.
#[derive(Debug)]
pub(super) struct SchemaGrammar(BTreeMap<String, TypeKind>);

/// A sequence of choices. After its end every choice is the first option.
#[derive(Debug)]
struct Choices<'a>(std::slice::Iter<'a, u8>);

impl Choices<'_> {
    fn choose(&mut self, of: usize) -> usize {
        usize::from(self.0.next().copied().unwrap_or(0)) % of.max(1)
    }

    /// True with a chance of one in `of`, and false after the end.
    fn rarely(&mut self, of: usize) -> bool {
        self.choose(of) == of - 1
    }
}

impl SchemaGrammar {
    pub(super) fn from_schema() -> Self {
        let document = parse_schema(api::sdl()).unwrap();
        let types = document.definitions.into_iter().filter_map(|definition| match definition {
            TypeSystemDefinition::Type(of) => Some((of.node.name.node.to_string(), of.node.kind)),
            _ => None,
        });
        Self(types.collect())
    }

    /// The root query fields that take this argument.
    pub(super) fn queries_with(&self, argument: &str) -> Vec<String> {
        let takes = |field: &&FieldDefinition| field.arguments.iter().any(|defined| defined.node.name.node == argument);
        self.fields("Query").into_iter().filter(takes).map(|field| field.name.node.to_string()).collect()
    }

    /// A document with its variables.
    pub(super) fn document(&self, choices: &[u8]) -> (String, Value) {
        let mut choices = Choices(choices.iter());
        let (kind, root) =
            [("query", "Query"), ("mutation", "Mutation"), ("subscription", "Subscription")][choices.choose(3)];
        let mut set = String::new();
        self.select(&mut choices, root, 0, &mut set);
        let mut text =
            format!("{kind} A($v0: ID, $v1: Int, $v2: [ID!]!, $v3: RegisterGuestInput) {}", directives(&mut choices));
        write!(text, "{set}").unwrap();
        for number in 0..choices.choose(4) {
            let on = self.any_type(&mut choices);
            let mut set = String::new();
            self.select(&mut choices, &on, 2, &mut set);
            write!(text, " fragment F{number} on {on} {} {set}", directives(&mut choices)).unwrap();
        }
        let variables: serde_json::Map<_, _> =
            (0..4).map(|number| (format!("v{number}"), variable(&mut choices, 0))).collect();
        (text, Value::Object(variables))
    }

    fn fields(&self, of: &str) -> Vec<&FieldDefinition> {
        let fields = match self.0.get(of) {
            Some(TypeKind::Object(object)) => &object.fields,
            Some(TypeKind::Interface(interface)) => &interface.fields,
            _ => return Vec::new(),
        };
        fields.iter().map(|field| &field.node).collect()
    }

    fn any_type(&self, choices: &mut Choices) -> String {
        self.0.keys().nth(choices.choose(self.0.len())).unwrap().clone()
    }

    fn select(&self, choices: &mut Choices, on: &str, depth: usize, text: &mut String) {
        text.push_str("{ ");
        let fields = self.fields(on);
        for _ in 0..=choices.choose(if depth > 6 { 1 } else { 4 }) {
            match choices.choose(12) {
                0 => text.push_str("__typename "),
                1 => write!(text, "...F{} {} ", choices.choose(4), directives(choices)).unwrap(),
                2 => {
                    let on = if choices.rarely(3) { self.any_type(choices) } else { on.to_owned() };
                    write!(text, "... on {on} {} ", directives(choices)).unwrap();
                    self.select(choices, &on, depth + 1, text);
                }
                3 if depth == 0 => {
                    text.push_str("__schema ");
                    select_of_schema(choices, 0, text);
                }
                _ if !fields.is_empty() => {
                    let field = fields[choices.choose(fields.len())];
                    self.field(choices, field, depth, text);
                }
                _ => text.push_str(if self.0.contains_key(on) { "code " } else { "nonsense " }),
            }
        }
        text.push_str("} ");
    }

    fn field(&self, choices: &mut Choices, field: &FieldDefinition, depth: usize, text: &mut String) {
        if choices.rarely(5) {
            write!(text, "a{}: ", choices.choose(4)).unwrap();
        }
        write!(text, "{} ", field.name.node).unwrap();
        let arguments: Vec<_> = field.arguments.iter().map(|argument| &argument.node).collect();
        let arguments: String = self.members(choices, &arguments, 0);
        if !arguments.is_empty() {
            write!(text, "({arguments}) ").unwrap();
        }
        text.push_str(directives(choices));
        let inner = base(&field.ty.node.base);
        let has_fields =
            matches!(self.0.get(inner), Some(TypeKind::Object(_) | TypeKind::Interface(_) | TypeKind::Union(_)));
        if has_fields != choices.rarely(40) && depth < 8 {
            self.select(choices, inner, depth + 1, text);
        }
    }

    /// Arguments, or the members of an input: required ones nearly always, optional ones sometimes.
    fn members(&self, choices: &mut Choices, of: &[&InputValueDefinition], depth: usize) -> String {
        let mut text = String::new();
        for member in of {
            let given = if member.ty.node.nullable { choices.rarely(4) } else { !choices.rarely(20) };
            if given {
                write!(text, "{}: {} ", member.name.node, self.value(choices, &member.ty.node, depth)).unwrap();
            }
        }
        text
    }

    fn value(&self, choices: &mut Choices, of: &Type, depth: usize) -> String {
        const ANY: [&str; 12] = [
            "null",
            "1",
            "-1",
            "99999999999",
            "1.5e300",
            "true",
            "\"\"",
            "\"💥\\u0000\"",
            "[[[]]]",
            "{a: {b: $v0}}",
            "NONSENSE",
            "$v9",
        ];
        if choices.rarely(12) || depth > 5 {
            return ANY[choices.choose(ANY.len())].to_owned();
        }
        let name = match &of.base {
            BaseType::List(inner) => {
                let items: Vec<_> = (0..choices.choose(4)).map(|_| self.value(choices, inner, depth + 1)).collect();
                return format!("[{}]", items.join(" "));
            }
            BaseType::Named(name) => name.as_str(),
        };
        let one_of = |choices: &mut Choices, all: &[&str]| all[choices.choose(all.len())].to_owned();
        match (name, self.0.get(name)) {
            ("Int" | "Float", _) => one_of(choices, &["1", "0", "100", "101", "-1", "2147483647", "$v1"]),
            ("Boolean", _) => one_of(choices, &["true", "false"]),
            ("ID", _) => one_of(choices, &["$v0", "\"wks_01kdvdna00e00800000c000000\"", "\"trk_1\"", "\"x\"", "7"]),
            ("DateTime", _) => {
                one_of(choices, &["\"2027-03-01T12:00:00Z\"", "\"9999-12-31T23:59:60.9999999Z\"", "\"x\""])
            }
            ("Date", _) => one_of(choices, &["\"2027-03-01\"", "\"0002-01-01\"", "\"9998-12-31\"", "\"2027-02-30\""]),
            (_, Some(TypeKind::Enum(defined))) => {
                defined.values[choices.choose(defined.values.len())].node.value.node.to_string()
            }
            (_, Some(TypeKind::InputObject(input))) => {
                let members: Vec<_> = input.fields.iter().map(|member| &member.node).collect();
                format!("{{{}}}", self.members(choices, &members, depth + 1))
            }
            _ => one_of(
                choices,
                &["\"ann\"", "\"\"", "\"Europe/Berlin\"", "\"a@b.c\"", "\"\"\"\n  x\"\"\"", "\"%_'\\\\\""],
            ),
        }
    }
}

fn select_of_schema(choices: &mut Choices, depth: usize, text: &mut String) {
    const FIELDS: [&str; 9] =
        ["name", "types", "fields", "type", "ofType", "args", "queryType", "possibleTypes", "description"];
    text.push_str("{ name ");
    for _ in 0..choices.choose(4) {
        let field = FIELDS[choices.choose(FIELDS.len())];
        write!(text, "{field} ").unwrap();
        if !matches!(field, "name" | "description") && depth < 8 {
            select_of_schema(choices, depth + 1, text);
        }
    }
    text.push_str("} ");
}

fn base(of: &BaseType) -> &str {
    match of {
        BaseType::Named(name) => name,
        BaseType::List(inner) => base(&inner.base),
    }
}

fn directives(choices: &mut Choices) -> &'static str {
    const DIRECTIVES: [&str; 6] =
        ["@skip(if: false) ", "@include(if: $v9) ", "@include(if: true) ", "@nonsense ", "@oneOf ", "@skip(if: true) "];
    if choices.rarely(8) { DIRECTIVES[choices.choose(DIRECTIVES.len())] } else { "" }
}

fn variable(choices: &mut Choices, depth: usize) -> Value {
    match choices.choose(if depth > 3 { 8 } else { 10 }) {
        0 => json!("wks_01kdvdna00e00800000c000000"),
        1 => json!(1),
        2 => Value::Null,
        3 => json!(true),
        4 => json!(-1.5e300),
        5 => json!(u64::MAX),
        6 => json!("\u{0}💥"),
        7 => json!("trk_1"),
        8 => (0..choices.choose(4)).map(|_| variable(choices, depth + 1)).collect(),
        _ => json!({ "trackId": variable(choices, depth + 1), "guestId": variable(choices, depth + 1) }),
    }
}
