//! Flags with several values.

use std::{fmt::Display, str::FromStr};

use crate::{Algorithm, parse_algorithm};

/// The values of a flag or variable: separated by commas, with optional spaces and an optional final comma.
#[derive(Clone, Debug)]
pub(super) struct List<T>(Vec<T>);

impl<T> List<T> {
    fn parse<E: Display>(text: &str, parse: impl Fn(&str) -> Result<T, E>) -> Result<Self, String> {
        let values = text.split(',').map(str::trim).filter(|value| !value.is_empty());
        let values = values.map(|value| parse(value).map_err(|error| format!("{value:?}: {error}")));
        match values.collect::<Result<Vec<_>, _>>()? {
            values if values.is_empty() => Err("expected at least one value".to_owned()),
            values => Ok(Self(values)),
        }
    }
}

/// Parses the values of a flag, as its `value_parser`.
pub(super) fn list<T: FromStr<Err: Display>>(text: &str) -> Result<List<T>, String> {
    List::parse(text, T::from_str)
}

/// Parses the values of `--token-algorithms`.
pub(super) fn algorithms(text: &str) -> Result<List<Algorithm>, String> {
    List::parse(text, parse_algorithm)
}

/// All values of a flag that can be repeated.
pub(super) fn all<T>(lists: Vec<List<T>>) -> Vec<T> {
    lists.into_iter().flat_map(|List(values)| values).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_has_optional_spaces_and_an_optional_final_comma() {
        for text in ["1,2", " 1 , 2 ", "1,2,", "1,\n2\n"] {
            assert_eq!(list::<u8>(text).unwrap().0, [1, 2], "{text}");
        }
        for text in ["", " ", ",", "1 2", "1,x"] {
            assert!(list::<u8>(text).is_err(), "{text}");
        }
        assert!(list::<u8>("1,x").unwrap_err().starts_with("\"x\": "));
    }
}
