//! Strict JSON: a duplicate member is an error, because a proxy that inspects the request can read the other value. The
//! number of values is limited, because a value of two bytes takes seventy in memory.

use std::{cell::Cell, fmt};

use serde::{
    Deserializer,
    de::{self, DeserializeSeed, MapAccess, SeqAccess, Visitor},
};
use serde_json::{Map, Number, Value};

/// The maximum values of one text. An import of 1,000 guests has about 10,000.
const MAX_VALUES: usize = 20_000;
const TOO_MANY: &str = "too many values";

/// A value without duplicate members. It is counted.
#[derive(Clone, Copy)]
struct Strict<'a> {
    /// How many more values the text can have.
    remaining: &'a Cell<usize>,
}

/// Parses one value. An error is the end of a sentence about the text.
pub(super) fn parse(bytes: &[u8]) -> Result<Value, &'static str> {
    let remaining = Cell::new(MAX_VALUES);
    let mut text = serde_json::Deserializer::from_slice(bytes);
    let parsed = Strict { remaining: &remaining }.deserialize(&mut text).and_then(|value| text.end().map(|()| value));
    parsed.map_err(|error| match error.to_string() {
        // serde_json has no category for the recursion limit.
        message if message.starts_with("recursion limit exceeded") => "nests deeper than 127 levels",
        message if message.starts_with(TOO_MANY) => "contains more than 20,000 values",
        _ if error.is_data() => "contains a duplicate member",
        _ => "is not JSON in UTF-8",
    })
}

impl<'de> DeserializeSeed<'de> for Strict<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        let Some(remaining) = self.remaining.get().checked_sub(1) else {
            return Err(de::Error::custom(TOO_MANY));
        };
        self.remaining.set(remaining);
        deserializer.deserialize_any(self)
    }
}

/// Defines the visits of scalar values.
macro_rules! scalars {
    ($($visit:ident($value:ident: $kind:ty) $parsed:expr),+ $(,)?) => {
        $(fn $visit<E: de::Error>(self, $value: $kind) -> Result<Value, E> {
            Ok($parsed)
        })+
    };
}

impl<'de> Visitor<'de> for Strict<'_> {
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
        while let Some(value) = access.next_element_seed(self)? {
            values.push(value);
        }
        Ok(Value::Array(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let mut members = Map::new();
        while let Some(name) = access.next_key::<String>()? {
            if members.insert(name, access.next_value_seed(self)?).is_some() {
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

    #[test]
    fn the_number_of_values_is_limited() {
        // With the array itself.
        let text = |values: usize| format!("[{}0]", "0,".repeat(values - 2));
        assert!(parse(text(MAX_VALUES).as_bytes()).is_ok());
        assert_eq!(parse(text(MAX_VALUES + 1).as_bytes()), Err("contains more than 20,000 values"));
    }
}
