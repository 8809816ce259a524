//! Validates an input field by field, so that one answer lists every invalid field.

use std::fmt::Display;

use crate::{
    Patch,
    problems::{InputInvalid, InputProblem},
    text::{single_line, with_line_feeds},
};

/// Whether an input creates an object or changes one.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum WriteMode {
    /// The object is new: every field that is never null is required.
    Create,
    /// The object exists: an omitted field keeps its value.
    Update,
}

/// Collects the problems of an input, field by field.
///
/// An invalid field is recorded and replaced by a harmless value; [`InputValidator::finish`] then rejects the input.
#[derive(Debug, Default)]
pub struct InputValidator {
    problems: Vec<InputProblem>,
}

impl InputValidator {
    /// The maximum number of characters in a title or a name.
    pub const MAX_NAME: usize = 200;
    /// The maximum number of characters in a description.
    pub const MAX_TEXT: usize = 10_000;
    /// The maximum number of characters in a reason.
    pub const MAX_REASON: usize = 500;
    /// The maximum number of characters in a note.
    pub const MAX_NOTE: usize = 2_000;
    /// The largest capacity and the largest limit of a waitlist.
    pub const MAX_COUNT: u32 = 1_000_000;

    /// Validates a title or a name. Removes spaces around it and invisible characters.
    pub fn name(&mut self, field: impl Display, text: &str) -> String {
        let max = Self::MAX_NAME;
        let name = single_line(text, max);
        name.unwrap_or_else(|| {
            self.reject(field, format_args!("It must have 1 to {max} characters, none of them a control character."));
            String::new()
        })
    }

    /// Validates a text of several lines.
    pub fn text(&mut self, field: impl Display, text: &str) -> String {
        self.multi_line(field, text, Self::MAX_TEXT)
    }

    /// Validates the reason for a cancellation.
    pub fn reason(&mut self, field: impl Display, text: &str) -> String {
        self.multi_line(field, text, Self::MAX_REASON)
    }

    /// Validates a note about a registration.
    pub fn note(&mut self, field: impl Display, text: &str) -> String {
        self.multi_line(field, text, Self::MAX_NOTE)
    }

    fn multi_line(&mut self, field: impl Display, text: &str, max: usize) -> String {
        let text = with_line_feeds(text);
        if text.chars().count() > max || text.chars().any(|c| c.is_control() && c != '\n') {
            let message =
                format_args!("It must have at most {max} characters and no control characters except line breaks.");
            self.reject(field, message);
        }
        text
    }

    /// Validates a capacity or a limit.
    pub fn count(&mut self, field: impl Display, number: i32) -> u32 {
        match u32::try_from(number) {
            Ok(count) if count <= Self::MAX_COUNT => count,
            _ => {
                self.reject(field, format_args!("It must be 0 to {}.", Self::MAX_COUNT));
                0
            }
        }
    }

    /// Rejects the field if it has no value.
    pub fn required<T>(&mut self, field: impl Display, value: Option<T>) -> Option<T> {
        if value.is_none() {
            self.reject(field, REQUIRED);
        }
        value
    }

    /// Parses a value.
    pub fn parsed<T, E: Display>(&mut self, field: impl Display, parsed: Result<T, E>) -> Option<T> {
        parsed.map_err(|malformed| self.reject(field, malformed)).ok()
    }

    /// Parses the new value of a field that can be null.
    pub fn nullable<T, E: Display>(
        &mut self,
        field: impl Display,
        input: &Patch<String>,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Patch<T> {
        match input {
            Patch::Keep => Patch::Keep,
            Patch::Clear => Patch::Clear,
            Patch::Set(text) => self.parsed(field, parse(text)).map_or(Patch::Keep, Patch::Set),
        }
    }

    /// Parses the new value of a field that is never null; `None` keeps the current one.
    pub fn not_null<T, E: Display>(
        &mut self,
        mode: WriteMode,
        field: impl Display,
        input: &Patch<String>,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        match (input, mode) {
            (Patch::Keep, WriteMode::Update) => None,
            (Patch::Keep, WriteMode::Create) => self.required(field, None),
            (Patch::Clear, _) => self.parsed(field, Err("It cannot be null.")),
            (Patch::Set(text), _) => self.parsed(field, parse(text)),
        }
    }

    /// Records a problem of a field.
    pub fn reject(&mut self, field: impl Display, message: impl Display) {
        self.problems.push(InputProblem { field: field.to_string(), message: message.to_string() });
    }

    /// Returns the input, unless a field is invalid.
    pub fn finish<T>(self, input: T) -> Result<T, InputInvalid> {
        if self.problems.is_empty() { Ok(input) } else { Err(self.into_invalid()) }
    }

    /// Returns the recorded problems.
    pub fn into_invalid(self) -> InputInvalid {
        InputInvalid { fields: self.problems }
    }
}

/// The message for a missing field of a new object.
pub(crate) const REQUIRED: &str = "It is required.";

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(validate: impl FnOnce(&mut InputValidator)) -> Vec<String> {
        let mut validator = InputValidator::default();
        validate(&mut validator);
        validator.into_invalid().fields.into_iter().map(|problem| problem.field).collect()
    }

    #[test]
    fn a_name_is_trimmed_and_has_a_length() {
        assert_eq!(InputValidator::default().name("title", " Clay \n"), "Clay");
        for good in ["x", &"é".repeat(200), &format!(" {} ", "x".repeat(200))] {
            assert_eq!(problems(|input| drop(input.name("title", good))).len(), 0, "{good}");
        }
        for bad in ["", " \n ", "a\nb", "a\0b", &"x".repeat(201)] {
            assert_eq!(problems(|input| drop(input.name("title", bad))).len(), 1, "{bad:?}");
        }
    }

    #[test]
    fn a_text_can_have_line_feeds_and_no_other_control_character() {
        for good in ["", "one\ntwo", &"é".repeat(10_000)] {
            assert_eq!(problems(|input| drop(input.text("description", good))).len(), 0);
        }
        for bad in ["a\0b", "a\tb", "a\u{7f}", &"x".repeat(10_001)] {
            assert_eq!(problems(|input| drop(input.text("description", bad))).len(), 1);
        }
    }

    #[test]
    fn all_line_breaks_are_stored_as_line_feeds() {
        let mut validator = InputValidator::default();
        for text in ["one\r\ntwo", "one\rtwo", "one\ntwo"] {
            assert_eq!(validator.note("note", text), "one\ntwo");
            assert_eq!(validator.reason("reason", text), "one\ntwo");
            assert_eq!(validator.text("description", text), "one\ntwo");
        }
        // A line break counts as one character.
        assert_eq!(validator.note("note", &"\r\n".repeat(2_000)), "\n".repeat(2_000));
        assert_eq!(validator.finish(()), Ok(()));
    }

    #[test]
    fn every_invalid_field_is_listed_in_the_order_of_validation() {
        let invalid = problems(|input| {
            input.name("title", "");
            assert_eq!(input.count("capacity", 1_000_000), 1_000_000);
            input.count("waitlistLimit", -1);
            input.required("name", None::<()>);
        });
        assert_eq!(invalid, ["title", "waitlistLimit", "name"]);
    }

    #[test]
    fn an_omitted_field_is_required_only_on_create() {
        let omitted =
            |mode| problems(|input| assert_eq!(input.not_null(mode, "name", &Patch::Keep, str::parse::<u8>), None));
        assert_eq!(omitted(WriteMode::Create), ["name"]);
        assert_eq!(omitted(WriteMode::Update), [""; 0]);
    }
}
