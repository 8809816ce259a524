//! The words that make a sentence hard to read.

/// Phrases that no sentence contains. Each has a plain substitute: name the actor, the thing or the place.
const BANNED: &[&str] = &[
    "tell",
    "tells",
    "telling",
    "told",
    "whoever",
    "whatever",
    "whereof",
    "somebody",
    "nobody",
    "anybody",
    "everybody",
    "who asks",
    "hear of",
    "hears",
    "heard of",
    "heed",
    "heeds",
    "heeded",
    "of which",
    "in the way",
    "patience",
    "patient",
    "patiently",
    "room of its own",
    "room of their own",
    "rooms of their own",
    "in line",
    "comes to light",
    "as if it were not there",
    "what is",
    "what are",
    "what was",
    "what were",
    "what has",
    "what had",
];

/// The maximum number of words between `there is` and `that`.
const LONGEST_SUBJECT: usize = 4;

/// The first phrase of a sentence to avoid. A question can begin with `What is`.
pub(super) fn banned(sentence: &str) -> Option<&'static str> {
    let words: Vec<_> = sentence.split(' ').map(plain).collect();
    let contains = |phrase: &&&str| {
        let phrase: Vec<_> = phrase.split(' ').collect();
        words.windows(phrase.len()).any(|words| words == phrase)
    };
    let is_question = sentence.ends_with('?');
    let mut phrases = BANNED.iter().filter(|phrase| !(is_question && phrase.starts_with("what ")));
    phrases.find(contains).copied().or_else(|| hides_its_subject(sentence).then_some("there is … that"))
}

/// Whether a sentence hides its subject behind `there is`, instead of beginning with it.
fn hides_its_subject(sentence: &str) -> bool {
    let words: Vec<_> = sentence.split(' ').collect();
    let is_there = |at: usize| plain(words[at]) == "there" && ["is", "are", "was", "were"].contains(&words[at + 1]);
    (0..words.len().saturating_sub(2)).filter(|at| is_there(*at)).any(|at| {
        let is_subject = |word: &&&str| **word != "that" && !word.ends_with([',', ';', ':']);
        let subject = words[at + 2..].iter().take_while(is_subject).count();
        (1..=LONGEST_SUBJECT).contains(&subject) && words.get(at + 2 + subject) == Some(&"that")
    })
}

/// A word in lower case without punctuation; nothing of a code span or a quotation.
fn plain(word: &str) -> String {
    if word.contains(['`', '"']) {
        return String::new();
    }
    word.trim_matches(|c: char| !c.is_alphanumeric()).trim_end_matches("'s").to_lowercase()
}
