//! Strict JSON: a duplicate member is an error, because a proxy that inspects the request can read the other value.

use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{self, MapAccess, SeqAccess, Visitor},
};
use serde_json::{Map, Number, Value};

/// A value without duplicate members.
struct Strict(Value);

/// Parses one value. Fails for invalid JSON and for duplicate members.
pub(super) fn parse(bytes: &[u8]) -> serde_json::Result<Value> {
    serde_json::from_slice(bytes).map(|Strict(value)| value)
}

impl<'de> Deserialize<'de> for Strict {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(StrictVisitor).map(Self)
    }
}

struct StrictVisitor;

/// Defines the visits of scalar values.
macro_rules! scalars {
    ($($visit:ident($value:ident: $kind:ty) $parsed:expr),+ $(,)?) => {
        $(fn $visit<E: de::Error>(self, $value: $kind) -> Result<Value, E> {
            Ok($parsed)
        })+
    };
}

impl<'de> Visitor<'de> for StrictVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    scalars! {
        visit_bool(value: bool) Value::Bool(value),
        visit_i64(value: i64) Value::Number(value.into()),
        visit_u64(value: u64) Value::Number(value.into()),
        visit_f64(value: f64) Number::from_f64(value).map_or(Value::Null, Value::Number),
        visit_str(value: &str) Value::String(value.to_owned()),
        visit_string(value: String) Value::String(value),
    }

    fn visit_unit<E: de::Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let mut values = Vec::new();
        while let Some(Strict(value)) = access.next_element()? {
            values.push(value);
        }
        Ok(Value::Array(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let mut members = Map::new();
        while let Some((name, Strict(value))) = access.next_entry::<String, _>()? {
            if members.insert(name, value).is_some() {
                return Err(de::Error::custom("duplicate member"));
            }
        }
        Ok(Value::Object(members))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_parsed_as_by_serde_json() {
        let text = r#"{"a":[1,-2,3.5,18446744073709551615,"é\n",true,null],"b":{"a":{}}}"#;
        assert_eq!(parse(text.as_bytes()).ok(), serde_json::from_str(text).ok());
    }

    #[test]
    fn ambiguous_json_is_rejected() {
        for text in [r#"{"a":1,"a":1}"#, r#"{"a":[{"b":1,"\u0062":2}]}"#, "\u{feff}{}", "{} {}", "{", ""] {
            assert_eq!(parse(text.as_bytes()).ok(), None, "{text}");
        }
        assert_eq!(parse(&"[".repeat(100_000).into_bytes()).ok(), None);
    }
}
