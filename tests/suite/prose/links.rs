//! The links and paths of the documents.

use std::collections::BTreeSet;

use axum::http::Uri;
use pulldown_cmark::{Event, Tag, TagEnd};

use super::{
    files, passages,
    report::{Finding, Report},
    text::parser,
};

/// A Markdown document and what it refers to.
pub(super) struct Document {
    path: String,
    /// The targets of links and images.
    links: Vec<Reference>,
    code_spans: Vec<Reference>,
    anchors: BTreeSet<String>,
}

struct Reference {
    line: usize,
    target: String,
}

impl Document {
    /// All Markdown documents of the repository.
    pub(super) fn all() -> Vec<Self> {
        passages::documents().into_iter().map(|passage| Self::parse(&passage.file, &passage.markdown)).collect()
    }

    pub(super) fn parse(path: &str, markdown: &str) -> Self {
        let path = path.to_owned();
        let mut document = Self { path, links: Vec::new(), code_spans: Vec::new(), anchors: BTreeSet::new() };
        let mut heading = None;
        for (event, range) in parser(markdown).into_offset_iter() {
            let reference = |target: &str| {
                let line = 1 + markdown[..range.start].matches('\n').count();
                Reference { line, target: target.to_owned() }
            };
            match &event {
                Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
                    document.links.push(reference(dest_url));
                }
                Event::Start(Tag::Heading { .. }) => heading = Some(String::new()),
                Event::End(TagEnd::Heading(_)) => document.add_anchor(&heading.take().unwrap_or_default()),
                Event::Code(code) => document.code_spans.push(reference(code)),
                _ => {}
            }
            if let (Some(heading), Event::Text(part) | Event::Code(part)) = (&mut heading, &event) {
                heading.push_str(part);
            }
        }
        document
    }

    /// Adds the anchor that GitHub gives a heading. A repeated heading gets a number.
    fn add_anchor(&mut self, heading: &str) {
        let is_kept = |c: &char| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_');
        let anchor = heading.to_lowercase().chars().filter(is_kept).collect::<String>().replace(' ', "-");
        let numbered = (1..).map(|number| format!("{anchor}-{number}"));
        let free = [anchor.clone()].into_iter().chain(numbered).find(|anchor| !self.anchors.contains(anchor));
        self.anchors.extend(free);
    }

    fn add_finding(&self, report: &mut Report, reference: &Reference, message: &str) {
        let (file, text) = (self.path.clone(), reference.target.clone());
        report.add(Finding { file, line: reference.line, message: message.to_owned(), text });
    }

    /// Every relative link leads to a file or a heading. Other links are only well-formed.
    pub(super) fn check_links(&self, report: &mut Report) {
        let all = files::all();
        for link in &self.links {
            if let Some(fault) = self.link_fault(&link.target, &all, |path| Self::parse(path, &files::read(path))) {
                self.add_finding(report, link, fault);
            }
        }
    }

    /// Why a link leads nowhere, if so.
    pub(super) fn link_fault(
        &self,
        target: &str,
        files: &[String],
        read: impl Fn(&str) -> Self,
    ) -> Option<&'static str> {
        if target.contains(':') {
            return (!is_web_address(target)).then_some("write a complete web address");
        }
        let (path, anchor) = target.split_once('#').unwrap_or((target, ""));
        let path = if path.is_empty() { Some(self.path.clone()) } else { resolve(&self.path, path) };
        let Some(path) = path.filter(|path| files.contains(path) || files.contains(&format!("{path}/"))) else {
            return Some("link to a file that exists");
        };
        let has_anchor = match anchor {
            "" => true,
            _ if path == self.path => self.anchors.contains(anchor),
            _ => files::extension(&path) == "md" && read(&path).anchors.contains(anchor),
        };
        (!has_anchor).then_some("link to a heading that exists")
    }

    /// Every path in a code span is the end of the path of a file or folder. It can omit `crates/` and `src/`.
    pub(super) fn check_paths(&self, report: &mut Report) {
        let files: Vec<_> = files::all().iter().map(|file| format!("/{file}")).collect();
        let exists = |path: &str| {
            let ending = format!("/{path}");
            let is_same = |file: &String| file.ends_with(&ending) || file.replace("/src/", "/").ends_with(&ending);
            files.iter().any(is_same) || files::GENERATED.contains(&path.trim_end_matches('/'))
        };
        for span in self.code_spans.iter().filter(|span| is_source_path(&span.target) && !exists(&span.target)) {
            self.add_finding(report, span, "name a file that exists");
        }
    }
}

/// Whether a code span is a path of source code, such as `crates/domain/src/problems/mod.rs` or `http/websocket/`.
pub(super) fn is_source_path(span: &str) -> bool {
    let is_plain = span.chars().all(|c| c.is_ascii_alphanumeric() || "/._-".contains(c));
    let is_relative = !span.starts_with(['/', '.']);
    is_plain && is_relative && (span.ends_with('/') || ["rs", "md", "sql", "graphql"].contains(&files::extension(span)))
}

/// The path from the root of a link in a document; nothing if it leaves the repository.
fn resolve(document: &str, link: &str) -> Option<String> {
    let mut folders: Vec<_> = document.split('/').collect();
    folders.pop();
    for part in link.split('/').filter(|part| !part.is_empty()) {
        match part {
            "." => {}
            ".." => drop(folders.pop()?),
            name => folders.push(name),
        }
    }
    Some(folders.join("/"))
}

/// Whether this is a complete address. Only the own machine can do without TLS.
fn is_web_address(target: &str) -> bool {
    let Ok(uri) = target.parse::<Uri>() else { return false };
    match (uri.scheme_str(), uri.host()) {
        (Some("https"), Some(host)) => host.contains('.'),
        (Some("http"), Some(host)) => ["127.0.0.1", "localhost"].contains(&host),
        _ => false,
    }
}
