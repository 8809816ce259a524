//! What clients fill in: read field by field, so that all that is wrong is named at once.

use std::fmt;

use crate::problems::{InputInvalid, InputProblem};

/// What a form says of a field that can be empty.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub enum Entry<T> {
    /// Left out: it stays as it is, and is empty in something new.
    #[default]
    Keep,
    /// Null: it is empty from now on.
    Clear,
    /// It is this from now on.
    Set(T),
}

impl<T> Entry<T> {
    /// The field from now on, where it has been `current`.
    pub fn over(self, current: Option<T>) -> Option<T> {
        match self {
            Self::Keep => current,
            Self::Clear => None,
            Self::Set(value) => Some(value),
        }
    }

    /// The same of something made from the value.
    pub fn map<U>(self, make: impl FnOnce(T) -> U) -> Entry<U> {
        match self {
            Self::Keep => Entry::Keep,
            Self::Clear => Entry::Clear,
            Self::Set(value) => Entry::Set(make(value)),
        }
    }
}

/// As it goes into a fingerprint: no two patches are shown alike.
impl fmt::Display for Entry<String> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Keep => Ok(()),
            Self::Clear => f.write_str("null"),
            Self::Set(value) => write!(f, "={value}"),
        }
    }
}

/// What a form is for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Purpose {
    /// Something new, which needs all that such a thing always has.
    New,
    /// A change: what is left out stays as it is.
    Change,
}

/// Reads a form, and notes what is wrong with it.
pub(crate) struct Reader {
    purpose: Purpose,
    wrong: Vec<InputProblem>,
}

impl Reader {
    pub(crate) fn new(purpose: Purpose) -> Self {
        Self { purpose, wrong: Vec::new() }
    }

    /// A field that can be empty.
    pub(crate) fn nullable<T, E: fmt::Display>(
        &mut self,
        field: &'static str,
        given: &Entry<String>,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Entry<T> {
        match given {
            Entry::Keep => Entry::Keep,
            Entry::Clear => Entry::Clear,
            Entry::Set(text) => self.parsed(field, parse(text)).map_or(Entry::Keep, Entry::Set),
        }
    }

    /// A field that is never empty; `None` stays as it is.
    pub(crate) fn required<T, E: fmt::Display>(
        &mut self,
        field: &'static str,
        given: &Entry<String>,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        match given {
            Entry::Keep if self.purpose == Purpose::Change => None,
            Entry::Keep => self.parsed(field, Err(REQUIRED)),
            Entry::Clear => self.parsed(field, Err("It cannot be null.")),
            Entry::Set(text) => self.parsed(field, parse(text)),
        }
    }

    fn parsed<T, E: fmt::Display>(&mut self, field: &'static str, parsed: Result<T, E>) -> Option<T> {
        let note = |why: E| self.wrong.push(InputProblem { field: field.to_owned(), message: why.to_string() });
        parsed.map_err(note).ok()
    }

    /// What was read, unless something is wrong with it.
    pub(crate) fn finish<T>(self, read: T) -> Result<T, InputInvalid> {
        if self.wrong.is_empty() { Ok(read) } else { Err(InputInvalid { fields: self.wrong }) }
    }
}

/// The sentence for what something new cannot be without.
pub(crate) const REQUIRED: &str = "It is required.";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_patch_keeps_clears_or_sets() {
        assert_eq!(Entry::Keep.over(Some(1)), Some(1));
        assert_eq!(Entry::Clear.over(Some(1)), None);
        assert_eq!(Entry::Set(2).over(Some(1)), Some(2));
    }

    #[test]
    fn no_two_patches_are_shown_alike() {
        let shown = [Entry::Keep, Entry::Clear, Entry::Set(String::new()), Entry::Set("null".to_owned())];
        assert_eq!(shown.map(|patch| patch.to_string()), ["", "null", "=", "=null"]);
    }
}
