//! All texts of the repository, each in Markdown.

use std::collections::BTreeSet;

use clap::{Command, builder::StyledStr};
use serde_json::from_str;

use super::{comments, files, report::Finding, schema, text::Sentence};

/// A text in Markdown and where it is.
#[derive(Clone, Debug)]
pub(super) struct Passage {
    /// The path of the file, or the command whose help has the text.
    pub(super) file: String,
    /// The line of the file where the text begins, from 1.
    pub(super) line: usize,
    pub(super) markdown: String,
}

impl Passage {
    /// A finding about a sentence of this passage.
    pub(super) fn finding(&self, sentence: &Sentence, message: String) -> Finding {
        let line = self.line + sentence.line;
        Finding { file: self.file.clone(), line, message, text: sentence.to_string() }
    }

    /// A finding about the beginning of this passage.
    pub(super) fn finding_at_start(&self, message: &str) -> Finding {
        let text = self.markdown.lines().next().unwrap_or_default().to_owned();
        Finding { file: self.file.clone(), line: self.line, message: message.to_owned(), text }
    }
}

/// Every passage of the documents, the schema, the OpenAPI document, the help, `ops/` and the comments.
pub(super) fn all() -> Vec<Passage> {
    let mut passages = documents();
    passages.extend(schema::descriptions());
    passages.extend(json_strings("openapi.json", &api::openapi(), &["summary", "description"]));
    passages.extend(help());
    passages.extend(operations());
    passages.extend(comments::all());
    passages
}

/// The Markdown documents.
pub(super) fn documents() -> Vec<Passage> {
    let read = |file: String| Passage { markdown: files::read(&file), file, line: 1 };
    files::with_extension("md").into_iter().map(read).collect()
}

/// The help of all commands and flags. A flag that several commands share occurs once.
pub(super) fn help() -> Vec<Passage> {
    let mut passages = Vec::new();
    for_each_command(&api::cli::command(), "", &mut |name, command| {
        passages.push(help_passage(name.to_owned(), command.get_long_about(), command.get_about()));
        for argument in command.get_arguments() {
            let flag = argument.get_long().map_or_else(|| argument.get_id().to_string(), |long| format!("--{long}"));
            passages.push(help_passage(format!("{name} {flag}"), argument.get_long_help(), argument.get_help()));
        }
    });
    let mut seen = BTreeSet::new();
    passages.retain(|passage| passage.markdown.is_empty() || seen.insert(passage.markdown.clone()));
    passages
}

/// A help text; it is empty if it is missing. clap removes the period at the end of a short text.
fn help_passage(file: String, long: Option<&StyledStr>, short: Option<&StyledStr>) -> Passage {
    let short = short.map(|text| format!("{text}."));
    Passage { file, line: 1, markdown: long.map(ToString::to_string).or(short).unwrap_or_default() }
}

/// Visits a command and its subcommands, each with its full name.
fn for_each_command(command: &Command, parent: &str, visit: &mut impl FnMut(&str, &Command)) {
    let name = format!("{parent} {}", command.get_name()).trim_start().to_owned();
    visit(&name, command);
    for subcommand in command.get_subcommands() {
        for_each_command(subcommand, &name, visit);
    }
}

/// The texts of the dashboard and of the alerts.
fn operations() -> Vec<Passage> {
    let keys = ["title", "summary", "description"];
    let in_ops = |extension| files::with_extension(extension).into_iter().filter(|file| file.starts_with("ops/"));
    in_ops("json").chain(in_ops("yml")).flat_map(|file| json_strings(&file, &files::read(&file), &keys)).collect()
}

/// The strings that have one of these keys, in pretty-printed JSON or in YAML with quoted strings.
pub(super) fn json_strings(file: &str, json: &str, keys: &[&str]) -> Vec<Passage> {
    let string = |line: &str| {
        let (key, value) = line.split_once(": ")?;
        let is_wanted = keys.contains(&key.trim().trim_matches('"'));
        is_wanted.then(|| from_str::<String>(value.trim_end_matches(',')).ok())?
    };
    let numbered = (1..).zip(json.lines());
    numbered
        .filter_map(|(line, content)| Some(Passage { file: file.to_owned(), line, markdown: string(content)? }))
        .collect()
}
