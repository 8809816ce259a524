//! The comments of source files.

use super::{files, passages::Passage};

/// The extensions of the files that have comments, by the sign before a comment.
const COMMENTED: [(&str, &[&str]); 2] =
    [("//", &["rs", "js", "jsx", "mjs", "ts"]), ("#", &["graphql", "toml", "yml", "justfile", "run"])];

/// A comment: consecutive lines of one kind, or the end of a line of code.
#[derive(Debug)]
pub(super) struct Comment {
    kind: Kind,
    /// The first line, from 1.
    pub(super) line: usize,
    /// The lines without the signs before them.
    pub(super) text: String,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    /// A doc comment about the enclosing module, or about the next item.
    Inner,
    Outer,
    Plain,
    /// After code, on the same line.
    Trailing,
}

/// All comments of the repository.
pub(super) fn all() -> Vec<Passage> {
    let mut all = Vec::new();
    for (sign, extensions) in COMMENTED {
        for file in extensions.iter().flat_map(|extension| files::with_extension(extension)) {
            all.extend(passages(&file, comments(&files::read(&file), sign)));
        }
    }
    all
}

/// All doc comments of the Rust code.
pub(super) fn rust_docs() -> Vec<Passage> {
    let docs = |file: String| {
        let comments = comments(&files::read(&file), "//").into_iter();
        passages(&file, comments.filter(|comment| matches!(comment.kind, Kind::Inner | Kind::Outer)))
    };
    files::with_extension("rs").into_iter().flat_map(docs).collect()
}

fn passages(file: &str, comments: impl IntoIterator<Item = Comment>) -> Vec<Passage> {
    let passage = |comment: Comment| Passage { file: file.to_owned(), line: comment.line, markdown: comment.text };
    comments.into_iter().map(passage).collect()
}

/// The comments of a source file.
pub(super) fn comments(source: &str, sign: &str) -> Vec<Comment> {
    let mut comments: Vec<Comment> = Vec::new();
    // The kind of the previous line, if the next line can continue its comment.
    let mut open = None;
    for (line, content) in (1..).zip(source.lines()) {
        let Some((kind, text)) = comment_of(content, sign) else {
            open = None;
            continue;
        };
        match comments.last_mut() {
            Some(comment) if open == Some(kind) => {
                comment.text.push('\n');
                comment.text.push_str(text);
            }
            _ => comments.push(Comment { kind, line, text: text.to_owned() }),
        }
        open = (kind != Kind::Trailing).then_some(kind);
    }
    comments
}

/// The comment of a line of source code.
fn comment_of<'line>(line: &'line str, sign: &str) -> Option<(Kind, &'line str)> {
    let (code, comment) = split(line, sign);
    let text = comment.strip_prefix(sign)?;
    let (kind, text) = match text.chars().next() {
        _ if !code.trim().is_empty() => (Kind::Trailing, text),
        Some('/') => (Kind::Outer, &text[1..]),
        Some('!') => (Kind::Inner, &text[1..]),
        _ => (Kind::Plain, text),
    };
    Some((kind, text.strip_prefix(' ').unwrap_or(text)))
}

/// The code of a line and its comment, which is empty if the line has none. A string has no comments.
pub(super) fn split<'line>(line: &'line str, sign: &str) -> (&'line str, &'line str) {
    let mut starts = line.match_indices(sign).map(|(at, _)| line.split_at(at));
    let comment = starts.find(|(code, _)| {
        let is_in_string = code.replace("'\"'", "").replace("\\\"", "").matches('"').count() % 2 == 1;
        !is_in_string && (code.is_empty() || code.ends_with(char::is_whitespace))
    });
    comment.unwrap_or((line, ""))
}
