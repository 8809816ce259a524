//! The messages in the Rust code: errors, log entries, descriptions of metrics, assertions.

use super::{comments::split, files, passages::Passage};

/// A string literal with fewer words is more likely a value than a message.
const SHORTEST_MESSAGE: usize = 3;

/// All messages of the repository, except those of this module, which are about bad sentences.
pub(super) fn all() -> Vec<Passage> {
    let files = files::with_extension("rs").into_iter().filter(|file| !file.contains("/prose/"));
    files.flat_map(|file| messages(&file, &files::read(&file))).collect()
}

/// The string literals that begin and end on one line and have several words.
pub(super) fn messages(file: &str, source: &str) -> Vec<Passage> {
    let mut passages = Vec::new();
    for (line, content) in (1..).zip(source.lines()) {
        let code = split(content, "//").0.replace("'\"'", "").replace("\\\"", "'");
        let literals = code.split('"').skip(1).step_by(2);
        let messages = literals.filter(|literal| literal.split(' ').count() >= SHORTEST_MESSAGE);
        passages.extend(messages.map(|message| {
            // A variable in braces is a value.
            let words = message.split(' ').filter(|word| !word.contains(['{', '}']));
            Passage { file: file.to_owned(), line, markdown: words.collect::<Vec<_>>().join(" ") }
        }));
    }
    passages
}
