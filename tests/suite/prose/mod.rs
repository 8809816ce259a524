//! The prose of the repository: plain words, short sentences, complete descriptions, working links.
//!
//! [`passages`] reads all texts, [`text`] splits them into sentences, and the tests of this module check the sentences.
//! A failure lists each finding with its file and line, and the number of findings in each file.

mod comments;
mod files;
mod links;
mod messages;
mod passages;
mod report;
mod schema;
mod self_tests;
mod text;
mod words;

use links::Document;
use passages::Passage;
use report::Report;
use text::Sentence;

/// The length of the longest sentence, in words. A code span is one word.
const LONGEST_SENTENCE: usize = 40;

/// The length of the README, in lines.
const LONGEST_README: usize = 150;

#[test]
fn documents_schema_and_help_avoid_the_banned_words() {
    let passages = passages::all().into_iter().chain(messages::all());
    check_sentences(passages, |sentence| Some(format!("avoid \"{}\"", words::banned(&sentence.text)?)));
}

#[test]
fn a_sentence_has_at_most_forty_words() {
    check_sentences(passages::all(), |sentence| {
        let count = sentence.count_words();
        (count > LONGEST_SENTENCE).then(|| format!("split this sentence of {count} words"))
    });
}

/// Fails with each sentence that has a fault.
#[track_caller]
fn check_sentences(passages: impl IntoIterator<Item = Passage>, fault: impl Fn(&Sentence) -> Option<String>) {
    let mut report = Report::default();
    for passage in passages {
        for sentence in text::sentences(&passage.markdown) {
            if let Some(fault) = fault(&sentence) {
                report.add(passage.finding(&sentence, fault));
            }
        }
    }
    report.assert_empty();
}

#[test]
fn every_description_and_doc_comment_is_a_sentence() {
    let mut report = Report::default();
    let descriptions = schema::descriptions().into_iter().chain(passages::help());
    for passage in descriptions.chain(comments::rust_docs()) {
        if let Some(fault) = text::summary_fault(&passage.markdown) {
            report.add(passage.finding_at_start(fault));
        }
    }
    report.assert_empty();
}

#[test]
fn links_between_documents_resolve() {
    let mut report = Report::default();
    for document in Document::all() {
        document.check_links(&mut report);
    }
    report.assert_empty();
}

#[test]
fn documents_name_only_files_that_exist() {
    let mut report = Report::default();
    for document in Document::all() {
        document.check_paths(&mut report);
    }
    report.assert_empty();
}

#[test]
fn the_readme_is_short_and_names_both_commands() {
    let readme = files::read("README.md");
    let length = readme.lines().count();
    assert!(length <= LONGEST_README, "README.md has {length} lines: move some of them to docs/");
    for command in ["cargo run -- demo", "cargo test --workspace"] {
        assert!(readme.lines().any(|line| line == command), "README.md does not show `{command}`");
    }
}

/// A check that reads nothing passes. These numbers are below the present ones, and far above zero.
#[test]
fn the_checks_read_the_whole_repository() {
    let read = [
        ("documents", Document::all().len(), 14),
        ("descriptions of the schema", schema::descriptions().len(), 600),
        ("help texts", passages::help().len(), 60),
        ("doc comments", comments::rust_docs().len(), 2_000),
        ("messages", messages::all().len(), 500),
        ("passages", passages::all().len(), 4_000),
    ];
    for (name, count, least) in read {
        assert!(count >= least, "{count} {name} are fewer than {least}");
    }
}
