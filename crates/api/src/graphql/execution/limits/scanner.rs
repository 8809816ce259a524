/// What a text shows before it is parsed.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) struct Measure {
    pub(super) tokens: usize,
    /// How deep brackets nest.
    pub(super) nesting: usize,
}

/// Counts what the grammar calls tokens, and how deep brackets nest outside of strings and comments. What is no token at
/// all counts as one: the parser will say so.
pub(super) fn measure(text: &str) -> Measure {
    let (mut found, mut depth) = (Measure::default(), 0_usize);
    let mut rest = text.as_bytes();
    while let [first, ..] = rest {
        let length = match first {
            b' ' | b'\t' | b'\n' | b'\r' | b',' => 1,
            // The byte order mark is white space.
            0xEF if rest.starts_with("\u{feff}".as_bytes()) => 3,
            b'#' => rest.iter().position(|byte| matches!(byte, b'\n' | b'\r')).unwrap_or(rest.len()),
            token => {
                found.tokens += 1;
                match token {
                    b'{' | b'[' | b'(' => depth += 1,
                    b'}' | b']' | b')' => depth = depth.saturating_sub(1),
                    _ => {}
                }
                token_length(rest)
            }
        };
        found.nesting = found.nesting.max(depth);
        rest = &rest[length..];
    }
    found
}

fn token_length(text: &[u8]) -> usize {
    let run = |of: fn(&u8) -> bool| text.iter().position(|byte| !of(byte)).unwrap_or(text.len());
    match text[0] {
        b'"' => string_length(text),
        b'.' if text.starts_with(b"...") => 3,
        b'_' | b'a'..=b'z' | b'A'..=b'Z' => run(|byte| byte.is_ascii_alphanumeric() || *byte == b'_'),
        b'-' | b'0'..=b'9' => run(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'+' | b'.')),
        // The whole of a character that is no token.
        0x80.. => run(|byte| !byte.is_ascii()),
        _ => 1,
    }
}

/// The length of the string or block string that begins here; to the end if it never closes.
fn string_length(text: &[u8]) -> usize {
    let (quotes, escape): (&[u8], &[u8]) =
        if text.starts_with(b"\"\"\"") { (b"\"\"\"", b"\\\"\"\"") } else { (b"\"", b"\\") };
    let mut at = quotes.len();
    while at < text.len() {
        if text[at..].starts_with(escape) {
            // What is escaped is one byte more, where the escape does not hold it itself.
            at += escape.len() + usize::from(escape.len() == 1);
        } else if text[at..].starts_with(quotes) {
            return at + quotes.len();
        } else if quotes.len() == 1 && matches!(text[at], b'\n' | b'\r') {
            // A string ends with its line, closed or not.
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
            assert_eq!(measure(document), Measure { tokens, nesting }, "{document}");
        }
    }
}
