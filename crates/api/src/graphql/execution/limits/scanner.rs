/// The tokens of a text and the depth of its brackets.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) struct ScannedText {
    pub(super) tokens: usize,
    /// The depth of nested brackets.
    pub(super) nesting: usize,
}

/// Counts the tokens of the GraphQL grammar and the depth of brackets outside of strings and comments. Invalid
/// characters count as one token; the parser rejects them later.
pub(super) fn scan(text: &str) -> ScannedText {
    let (mut scanned, mut depth) = (ScannedText::default(), 0_usize);
    let mut rest = text.as_bytes();
    while let [first, ..] = rest {
        let length = match first {
            b' ' | b'\t' | b'\n' | b'\r' | b',' => 1,
            // The byte order mark is white space.
            0xEF if rest.starts_with("\u{feff}".as_bytes()) => 3,
            b'#' => rest.iter().position(|byte| matches!(byte, b'\n' | b'\r')).unwrap_or(rest.len()),
            token => {
                scanned.tokens += 1;
                match token {
                    b'{' | b'[' | b'(' => depth += 1,
                    b'}' | b']' | b')' => depth = depth.saturating_sub(1),
                    _ => {}
                }
                token_length(rest)
            }
        };
        scanned.nesting = scanned.nesting.max(depth);
        rest = &rest[length..];
    }
    scanned
}

fn token_length(text: &[u8]) -> usize {
    let run = |matches: fn(&u8) -> bool| text.iter().position(|byte| !matches(byte)).unwrap_or(text.len());
    match text[0] {
        b'"' => string_length(text),
        b'.' if text.starts_with(b"...") => 3,
        b'_' | b'a'..=b'z' | b'A'..=b'Z' => run(|byte| byte.is_ascii_alphanumeric() || *byte == b'_'),
        b'-' | b'0'..=b'9' => run(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'+' | b'.')),
        // All bytes of an invalid character.
        0x80.. => run(|byte| !byte.is_ascii()),
        _ => 1,
    }
}

/// Returns the length of the string or block string that begins here. An unclosed one extends to the end.
fn string_length(text: &[u8]) -> usize {
    let (quotes, escape): (&[u8], &[u8]) =
        if text.starts_with(b"\"\"\"") { (b"\"\"\"", b"\\\"\"\"") } else { (b"\"", b"\\") };
    let mut at = quotes.len();
    while at < text.len() {
        if text[at..].starts_with(escape) {
            // A backslash is followed by the escaped byte; the escape of a block string includes it.
            at += escape.len() + usize::from(escape.len() == 1);
        } else if text[at..].starts_with(quotes) {
            return at + quotes.len();
        } else if quotes.len() == 1 && matches!(text[at], b'\n' | b'\r') {
            // A string ends with its line, even if it is not closed.
            return at;
        } else {
            at += 1;
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_and_brackets_are_counted_outside_of_strings_and_comments() {
        for (document, tokens, nesting) in [
            ("{ a(b: [1, { c: 2 }]) { d } }", 18, 4),
            ("{ a } { b }", 6, 1),
            ("}}}{", 4, 1),
            (r#"{ a(b: "[[[{{{(((") }"#, 8, 2),
            (r#"{ a(b: "\"[[[\\") [ }"#, 9, 2),
            (r#"{ a(b: """ " [[[ \""" {{{ """) }"#, 8, 2),
            ("{ a # [[[{{{\n [ }", 4, 2),
            ("{ a # [[[{{{", 2, 1),
            ("{ \"unclosed [[[\n [ [", 4, 3),
            ("\"é[[[", 1, 0),
            ("\"\\", 1, 0),
            ("é{", 2, 1),
            ("\u{feff}query($a:[Int!]!=-1.5e+3){...F@skip(if:$a)}", 25, 2),
            ("", 0, 0),
            (" ,\t\r\n", 0, 0),
        ] {
            assert_eq!(scan(document), ScannedText { tokens, nesting }, "{document}");
        }
    }
}
