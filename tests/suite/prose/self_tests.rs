//! The checks find bad texts and pass good ones.

use super::{
    comments::comments,
    links::{Document, is_source_path},
    messages::messages,
    passages::json_strings,
    report::{Finding, Report},
    text::{sentences, summary_fault},
    words::banned,
};

fn split(markdown: &str) -> Vec<String> {
    sentences(markdown).into_iter().map(|sentence| sentence.text).collect()
}

fn first_banned(markdown: &str) -> Option<&'static str> {
    sentences(markdown).iter().find_map(|sentence| banned(&sentence.text))
}

#[test]
fn a_banned_word_is_found_in_any_form() {
    assert_eq!(first_banned("The caller is told. The server waits."), Some("told"));
    assert_eq!(first_banned("**Whoever** reads this"), Some("whoever"));
    assert_eq!(first_banned("The third in\nline, if any."), Some("in line"));
    assert_eq!(first_banned("| name |\n|---|\n| two, of which one |"), Some("of which"));
    assert_eq!(first_banned("What is read stays."), Some("what is"));
    assert_eq!(first_banned("Whether there is a key that fits."), Some("there is … that"));
}

#[test]
fn a_plain_sentence_passes() {
    assert_eq!(first_banned("The server returns each row once. It intends no harm."), None);
    assert_eq!(first_banned("What is a lane?"), None);
    assert_eq!(first_banned("If there are no seats, that guest waits."), None);
}

#[test]
fn code_and_quotations_are_not_checked() {
    assert_eq!(first_banned("The function `told` and `in line`."), None);
    assert_eq!(first_banned("The error \"nobody is in line\" is rare."), None);
    assert_eq!(first_banned("```\nnobody\n```\n\n> Nobody.\n\n    nobody"), None);
}

#[test]
fn a_sentence_ends_before_a_new_beginning() {
    assert_eq!(
        split("One. `Two` (e.g. this). \"Three.\" Version 1.0."),
        ["One.", "`Two` (e.g. this).", "\"Three.\"", "Version 1.0."]
    );
    assert_eq!(
        split("# Head\n- a. b\n- c\n\n| d | e |\n|---|---|\n| f | g |"),
        ["Head", "a. b", "c", "d", "e", "f", "g"]
    );
    let second = &sentences("First line\nends. Second\nline.")[1];
    assert_eq!((second.line, second.text.as_str()), (1, "Second line."));
}

#[test]
fn a_code_span_is_one_word() {
    let [sentence] = &sentences("See `a b. C` and [the link](a.md) – \"two words\".")[..] else { panic!() };
    assert_eq!(sentence.count_words(), 7);
    let long = format!("{}end.", "word ".repeat(40));
    assert_eq!(sentences(&long)[0].count_words(), 41);
}

#[test]
fn a_description_is_a_sentence() {
    assert_eq!(summary_fault("Registers a guest.\n\nUse it:\n\n- once\n- twice"), None);
    assert_eq!(summary_fault("`id` of a guest."), None);
    assert_eq!(summary_fault("Registers a guest\n\nIt needs a seat."), None);
    assert_eq!(summary_fault("true: add the guest. false: do not."), None);
    assert_eq!(summary_fault("1011: The workshop is full."), None);
    assert_eq!(summary_fault("registers a guest."), Some("begin with a capital letter"));
    assert_eq!(summary_fault("Registers a guest"), Some("end with a period"));
    assert_eq!(summary_fault("Registers."), Some("write more than one word"));
    assert_eq!(summary_fault(" "), Some("describe this in a sentence"));
}

#[test]
fn a_dead_link_is_found() {
    let readme = "# A `b` & c\n\n## Use\n\n## Use\n\n";
    let document = Document::parse("docs/api.md", readme);
    let files = ["docs/", "docs/api.md", "README.md", "a.rs"].map(str::to_owned);
    let fault = |link| document.link_fault(link, &files, |path| Document::parse(path, readme));
    for link in ["#a-b--c", "#use", "#use-1", "../README.md#use-1", "api.md", "../a.rs", "../docs", "https://a.org/b"] {
        assert_eq!(fault(link), None, "{link}");
    }
    for link in ["#use-2", "../README.md#usage", "../a.rs#use"] {
        assert_eq!(fault(link), Some("link to a heading that exists"), "{link}");
    }
    for link in ["README.md", "../../README.md", "/README.md"] {
        assert_eq!(fault(link), Some("link to a file that exists"), "{link}");
    }
    for link in ["http://a.org/", "https://a", "htps://a.org", "https://a.org/b c"] {
        assert_eq!(fault(link), Some("write a complete web address"), "{link}");
    }
}

#[test]
fn a_path_is_recognized_in_a_code_span() {
    assert!(["mod.rs", "http/websocket/", "a/b.md"].into_iter().all(is_source_path));
    assert!(!["/v1/", "a b.rs", "commands/<command>.rs", "serve", "/", "/graphql"].into_iter().any(is_source_path));
}

#[test]
fn consecutive_lines_of_a_kind_are_one_comment() {
    let source = "//! The module.\n\n/// First.\n/// Second.\nfn f() {} // Trailing.\n// Plain.\n";
    let found: Vec<_> = comments(source, "//").into_iter().map(|comment| (comment.line, comment.text)).collect();
    let expected = [(1, "The module."), (3, "First.\nSecond."), (5, "Trailing."), (6, "Plain.")];
    assert_eq!(found, expected.map(|(line, text)| (line, text.to_owned())));
}

#[test]
fn strings_have_no_comments() {
    assert!(comments("let url = \"http://a // b\";", "//").is_empty());
    assert!(comments("color = \"#fff\"", "#").is_empty());
    assert_eq!(comments("let quote = '\"'; // A quote.", "//").len(), 1);
}

#[test]
fn messages_are_read_without_values() {
    let found = messages("a.rs", "f(\"a b {told} c\", \"key\"); // \"In a comment only.\"");
    assert_eq!(found.iter().map(|message| message.markdown.as_str()).collect::<Vec<_>>(), ["a b c"]);
}

#[test]
fn strings_are_read_from_json_and_yaml() {
    let json = "{\n  \"summary\": \"Lists \\\"all\\\".\",\n  \"summary\": {\n    \"type\": \"string\"\n";
    let [string] = &json_strings("a.json", json, &["summary"])[..] else { panic!() };
    assert_eq!((string.line, string.markdown.as_str()), (2, "Lists \"all\"."));
    let [string] = &json_strings("a.yml", "    summary: \"It is slow.\"", &["summary"])[..] else { panic!() };
    assert_eq!(string.markdown, "It is slow.");
}

#[test]
fn a_report_lists_its_findings_and_counts_them_by_file() {
    let mut report = Report::default();
    for line in [3, 5] {
        let (message, text) = ("avoid \"told\"".to_owned(), "It is told.".to_owned());
        report.add(Finding { file: "README.md".to_owned(), line, message, text });
    }
    let printed = report.to_string();
    assert!(printed.starts_with("README.md:3: avoid \"told\"\n    It is told.\nREADME.md:5:"), "{printed}");
    assert!(printed.ends_with("    2 README.md\n    2 in total\n"), "{printed}");
}
