use std::fmt::Display;

use crate::{
    ExternalId,
    problems::{InputInvalid, InputProblem},
};

/// Reads what authors write, field by field, and names all that cannot be taken at once.
///
/// A field that is wrong is noted and read as something harmless; [`Fields::finish`] refuses in the end.
#[derive(Debug, Default)]
pub struct Fields {
    wrong: Vec<InputProblem>,
}

impl Fields {
    /// The most characters of a title or a name.
    pub const LONGEST_NAME: usize = 200;
    /// The most characters of a description.
    pub const LONGEST_TEXT: usize = 10_000;
    /// The most characters of a reason.
    pub const LONGEST_REASON: usize = 500;
    /// The most seats, and the most places in line.
    pub const MOST: u32 = 1_000_000;

    /// A title or a name, without the space around it.
    pub fn name(&mut self, field: impl Display, text: &str) -> String {
        let name = text.trim();
        let fits = (1..=Self::LONGEST_NAME).contains(&name.chars().count());
        if !fits || name.contains(char::is_control) {
            let longest = Self::LONGEST_NAME;
            self.note(field, format!("It has 1 to {longest} characters, none of them a control character."));
        }
        name.to_owned()
    }

    /// A text of several lines.
    pub fn text(&mut self, field: impl Display, text: &str) -> String {
        self.lines(field, text, Self::LONGEST_TEXT)
    }

    /// Why something is called off.
    pub fn reason(&mut self, field: impl Display, text: &str) -> String {
        self.lines(field, text, Self::LONGEST_REASON)
    }

    fn lines(&mut self, field: impl Display, text: &str, longest: usize) -> String {
        if text.chars().count() > longest || text.chars().any(|c| c.is_control() && c != '\n') {
            let sentence =
                format!("It has at most {longest} characters, and no control characters but the ends of lines.");
            self.note(field, sentence);
        }
        text.to_owned()
    }

    /// What another system calls the workshop.
    pub fn external_id(&mut self, field: impl Display, text: &str) -> Option<ExternalId> {
        match ExternalId::parse(text) {
            Ok(id) => Some(id),
            Err(malformed) => {
                self.note(field, malformed.to_string());
                None
            }
        }
    }

    /// A capacity, or a limit.
    pub fn count(&mut self, field: impl Display, number: i32) -> u32 {
        match u32::try_from(number) {
            Ok(count) if count <= Self::MOST => count,
            _ => {
                self.note(field, format!("It is 0 to {}.", Self::MOST));
                0
            }
        }
    }

    /// A field without which there is nothing to add.
    pub fn required<T>(&mut self, field: impl Display, value: Option<T>) -> Option<T> {
        if value.is_none() {
            self.note(field, "It is required.".to_owned());
        }
        value
    }

    fn note(&mut self, field: impl Display, sentence: String) {
        self.wrong.push(InputProblem { field: field.to_string(), message: sentence });
    }

    /// Refuses if anything was wrong.
    pub fn finish(self) -> Result<(), InputInvalid> {
        if self.wrong.is_empty() { Ok(()) } else { Err(InputInvalid { fields: self.wrong }) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrong(read: impl FnOnce(&mut Fields)) -> usize {
        let mut fields = Fields::default();
        read(&mut fields);
        fields.finish().map_or_else(|invalid| invalid.fields.len(), |()| 0)
    }

    #[test]
    fn a_name_is_trimmed_and_has_a_length() {
        assert_eq!(Fields::default().name("title", " Clay \n"), "Clay");
        for good in ["x", &"é".repeat(200), &format!(" {} ", "x".repeat(200))] {
            assert_eq!(wrong(|fields| drop(fields.name("title", good))), 0, "{good}");
        }
        for bad in ["", " \n ", "a\nb", "a\0b", &"x".repeat(201)] {
            assert_eq!(wrong(|fields| drop(fields.name("title", bad))), 1, "{bad:?}");
        }
    }

    #[test]
    fn a_text_may_have_lines_and_nothing_else_that_cannot_be_seen() {
        for good in ["", "one\ntwo", &"é".repeat(10_000)] {
            assert_eq!(wrong(|fields| drop(fields.text("description", good))), 0);
        }
        for bad in ["a\0b", "a\tb", "a\u{7f}", &"x".repeat(10_001)] {
            assert_eq!(wrong(|fields| drop(fields.text("description", bad))), 1);
        }
    }

    #[test]
    fn all_that_is_wrong_is_named_in_the_order_in_which_it_was_read() {
        let mut fields = Fields::default();
        fields.name("title", "");
        assert_eq!(fields.count("capacity", 1_000_000), 1_000_000);
        fields.count("waitlistLimit", -1);
        fields.required("name", None::<()>);
        let named: Vec<_> = fields.finish().unwrap_err().fields.into_iter().map(|wrong| wrong.field).collect();
        assert_eq!(named, ["title", "waitlistLimit", "name"]);
    }
}
