//! JSON that means one thing: a member that comes twice is refused, for whoever looked at the request before us may have
//! read the other one.

use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{self, MapAccess, SeqAccess, Visitor},
};
use serde_json::{Map, Number, Value};

/// A value without a member that comes twice.
struct Strict(Value);

/// Reads one value; an error where there is none, or one that could be read in two ways.
pub(super) fn read(bytes: &[u8]) -> serde_json::Result<Value> {
    serde_json::from_slice(bytes).map(|Strict(value)| value)
}

impl<'de> Deserialize<'de> for Strict {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reader).map(Self)
    }
}

struct Reader;

/// Writes what is read of each kind of value that holds no others.
macro_rules! plain {
    ($($visit:ident($value:ident: $kind:ty) $read:expr),+ $(,)?) => {
        $(fn $visit<E: de::Error>(self, $value: $kind) -> Result<Value, E> {
            Ok($read)
        })+
    };
}

impl<'de> Visitor<'de> for Reader {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    plain! {
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
                return Err(de::Error::custom("a member comes twice"));
            }
        }
        Ok(Value::Object(members))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read_is_what_is_written() {
        let text = r#"{"a":[1,-2,3.5,18446744073709551615,"é\n",true,null],"b":{"a":{}}}"#;
        assert_eq!(read(text.as_bytes()).ok(), serde_json::from_str(text).ok());
    }

    #[test]
    fn what_could_be_read_in_two_ways_is_not_read() {
        for text in [r#"{"a":1,"a":1}"#, r#"{"a":[{"b":1,"\u0062":2}]}"#, "\u{feff}{}", "{} {}", "{", ""] {
            assert_eq!(read(text.as_bytes()).ok(), None, "{text}");
        }
        assert_eq!(read(&"[".repeat(100_000).into_bytes()).ok(), None);
    }
}
