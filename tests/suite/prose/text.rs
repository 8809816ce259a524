//! Markdown as sentences.

use std::fmt::{self, Display, Formatter};

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

/// A space within a code span or a quotation. It keeps the span together as one word.
const INNER_SPACE: char = '\u{a0}';

/// Abbreviations within a sentence.
const ABBREVIATIONS: [&str; 5] = ["e.g.", "i.e.", "cf.", "vs.", "approx."];

/// The text of a paragraph, list item, heading or table cell, without markup.
#[derive(Debug, Default)]
struct Text {
    /// The lines before it.
    line: usize,
    is_paragraph: bool,
    /// Line breaks are those of the source. A code span keeps its backticks.
    content: String,
}

/// A sentence, or a text without an end mark such as a heading.
#[derive(Debug)]
pub(super) struct Sentence {
    /// The lines before it.
    pub(super) line: usize,
    /// The words, separated by spaces.
    pub(super) text: String,
}

impl Sentence {
    /// The number of words. A code span counts as one.
    pub(super) fn count_words(&self) -> usize {
        let count = |word: &str| {
            let parts = word.split(INNER_SPACE).filter(|part| part.contains(char::is_alphanumeric)).count();
            if word.contains('`') { 1 } else { parts }
        };
        self.text.split(' ').map(count).sum()
    }
}

impl Display for Sentence {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text.replace(INNER_SPACE, " "))
    }
}

/// The parser with the extensions that GitHub has.
pub(super) fn parser(markdown: &str) -> Parser<'_> {
    Parser::new_ext(markdown, Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH)
}

/// The sentences of a text in Markdown. Code blocks, HTML and block quotes have none.
pub(super) fn sentences(markdown: &str) -> Vec<Sentence> {
    texts(markdown).iter().flat_map(Text::sentences).collect()
}

/// Why a description is not written in sentences, if so.
pub(super) fn summary_fault(markdown: &str) -> Option<&'static str> {
    let texts = texts(markdown);
    let Some(first) = texts.first() else { return Some("describe this in a sentence") };
    let is_capital = |c: char| c.is_uppercase() || c.is_ascii_digit() || "`\"[".contains(c);
    // A value and its meaning, as in "true: add the guest", begin as the value does.
    let begins_well = first.content.starts_with(is_capital) || first.content.split(' ').next().unwrap().ends_with(':');
    let ends_well = |text: &Text| text.content.trim_end_matches([')', '"']).ends_with(['.', ':', '?']);
    // A title above other paragraphs, such as the summary of an OpenAPI operation, has no period.
    let is_title = texts.len() > 1 && !first.content.contains('\n');
    let mut paragraphs = texts.iter().skip(usize::from(is_title)).filter(|text| text.is_paragraph);
    match first {
        _ if !begins_well => Some("begin with a capital letter"),
        _ if !first.content.trim().contains([' ', '\n']) => Some("write more than one word"),
        _ if !paragraphs.all(ends_well) => Some("end with a period"),
        _ => None,
    }
}

fn texts(markdown: &str) -> Vec<Text> {
    let mut texts = vec![Text::default()];
    // The depth within blocks without prose.
    let mut skipped = 0_u32;
    for (event, range) in parser(markdown).into_offset_iter() {
        match event {
            Event::Start(Tag::CodeBlock(_) | Tag::HtmlBlock | Tag::BlockQuote(_)) => {
                skipped += 1;
                texts.push(Text::default());
            }
            Event::End(TagEnd::CodeBlock | TagEnd::HtmlBlock | TagEnd::BlockQuote(_)) => skipped -= 1,
            _ if skipped > 0 => {}
            Event::Start(tag @ (Tag::Paragraph | Tag::Heading { .. } | Tag::Item | Tag::TableCell)) => {
                let line = markdown[..range.start].matches('\n').count();
                texts.push(Text { line, is_paragraph: tag == Tag::Paragraph, content: String::new() });
            }
            Event::Text(part) => texts.last_mut().unwrap().content.push_str(&part),
            Event::Code(code) => texts.last_mut().unwrap().content.extend(["`", &one_word(&code), "`"]),
            Event::SoftBreak | Event::HardBreak => texts.last_mut().unwrap().content.push('\n'),
            _ => {}
        }
    }
    texts.retain(|text| !text.content.trim().is_empty());
    for text in &mut texts {
        text.content = join_quotations(&text.content);
    }
    texts
}

/// A span without the spaces at which a sentence can end.
fn one_word(span: &str) -> String {
    span.replace([' ', '\n'], &INNER_SPACE.to_string())
}

/// Keeps each quotation together as one word: it has the words of another text.
fn join_quotations(text: &str) -> String {
    let parts: Vec<_> = text.split('"').collect();
    let is_quotation = |index: usize| index % 2 == 1 && index + 1 < parts.len();
    let join = |(index, part): (usize, &&str)| if is_quotation(index) { one_word(part) } else { (*part).to_owned() };
    parts.iter().enumerate().map(join).collect::<Vec<_>>().join("\"")
}

impl Text {
    fn sentences(&self) -> Vec<Sentence> {
        let mut sentences = Vec::new();
        let mut words = Vec::new();
        let lines = (self.line..).zip(self.content.split('\n'));
        let numbered = lines.flat_map(|(line, content)| content.split(' ').map(move |word| (line, word)));
        let mut numbered = numbered.filter(|(_, word)| !word.is_empty()).peekable();
        while let Some((line, word)) = numbered.next() {
            words.push((line, word));
            if numbered.peek().is_none_or(|(_, next)| ends_sentence(word, next)) {
                let text = words.iter().map(|(_, word)| *word).collect::<Vec<_>>().join(" ");
                sentences.push(Sentence { line: words[0].0, text });
                words.clear();
            }
        }
        sentences
    }
}

/// Whether a sentence ends between two words.
fn ends_sentence(word: &str, next: &str) -> bool {
    let end = word.trim_end_matches([')', '"', '”']);
    let is_abbreviation = ABBREVIATIONS.contains(&end.trim_start_matches('(').to_lowercase().as_str());
    let begins = next.trim_start_matches(['(', '"', '“']).starts_with(|c: char| !c.is_lowercase());
    end.ends_with(['.', '!', '?']) && !is_abbreviation && begins
}
