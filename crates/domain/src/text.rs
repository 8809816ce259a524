//! Clean texts: without characters that a person cannot see, and with one kind of line break.

use icu_properties::{CodePointSetData, CodePointSetDataBorrowed, props::DefaultIgnorableCodePoint};

/// Unicode's invisible characters, such as the byte order mark, zero-width spaces and joiners.
const INVISIBLE: CodePointSetDataBorrowed<'static> = CodePointSetData::new::<DefaultIgnorableCodePoint>();

/// Whether a character is invisible.
pub(crate) fn is_invisible(c: char) -> bool {
    INVISIBLE.contains(c)
}

/// Whether an invisible character changes how its neighbors look: joiners, which Persian, the scripts of India and emoji
/// need, direction marks, variation selectors and tags.
fn shapes_neighbors(c: char) -> bool {
    matches!(c, '\u{200c}'..='\u{200f}' | '\u{61c}' | '\u{180b}'..='\u{180f}' | '\u{fe00}'..='\u{fe0f}')
        || matches!(c, '\u{e0020}'..='\u{e007f}' | '\u{e0100}'..='\u{e01ef}')
}

/// A line without invisible characters, except within it those that it needs, and without spaces around it.
pub(crate) fn clean_line(text: &str) -> String {
    let shown: String = text.chars().filter(|c| !is_invisible(*c) || shapes_neighbors(*c)).collect();
    // A joiner or a mark at an end has no neighbor there. Selectors and tags belong to the character before them.
    let shown = shown.trim_start_matches(|c: char| c.is_whitespace() || shapes_neighbors(c));
    shown.trim_end_matches(|c: char| c.is_whitespace() || matches!(c, '\u{200c}'..='\u{200f}' | '\u{61c}')).to_owned()
}

/// The clean line, if it has 1 to `max` characters and no control character.
pub(crate) fn single_line(text: &str, max: usize) -> Option<String> {
    let text = clean_line(text);
    ((1..=max).contains(&text.chars().count()) && !text.contains(char::is_control)).then_some(text)
}

/// A text whose lines end with line feeds: Windows writes a carriage return and a line feed, some old programs a carriage
/// return.
pub(crate) fn with_line_feeds(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\r', "\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spaces_and_invisible_characters_around_a_line_are_removed() {
        for around in [" ", "\u{a0}", "\u{3000}", "\n", "\u{feff}", "\u{200b}", "\u{200d}", "\u{2060}", "\u{200f}"] {
            assert_eq!(clean_line(&format!("{around}Ann{around}")), "Ann", "{around:?}");
            assert_eq!(clean_line(&around.repeat(3)), "", "{around:?}");
        }
        assert_eq!(clean_line("\u{feff} \u{200b} Ann"), "Ann");
        // A name that a person cannot see.
        assert_eq!(single_line("\u{3164}\u{115f}\u{e0020}\u{fe0f}", 9), None);
    }

    #[test]
    fn invisible_characters_within_a_line_are_removed_unless_it_needs_them() {
        assert_eq!(clean_line("A\u{feff}n\u{200b}n\u{2060} \u{202e}Lee\u{ad}"), "Ann Lee");
        for needed in ["می\u{200c}خواهم", "क्\u{200d}ष", "👩\u{200d}🎨", "❤\u{fe0f}", "1\u{200f}:2", "葛\u{e0100}"]
        {
            assert_eq!(clean_line(needed), needed);
        }
    }

    #[test]
    fn every_line_break_becomes_a_line_feed() {
        assert_eq!(with_line_feeds("a\r\nb\rc\nd\r\r\ne\n\r"), "a\nb\nc\nd\n\ne\n\n");
    }
}
