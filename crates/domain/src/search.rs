//! Search and sort order of texts, independent of case, accents and punctuation.

use std::collections::BTreeSet;

use caseless::Caseless;
use unicode_normalization::{
    UnicodeNormalization,
    char::{canonical_combining_class, is_combining_mark},
};

use crate::text::is_invisible;

/// The characters of a word that count; the rest is ignored.
const MAX_WORD_CHARS: usize = 64;
/// The maximum number of bytes in a sort key. Some letters decompose into many, and an index of PostgreSQL holds at most
/// 2,704 bytes.
const MAX_KEY_BYTES: usize = 1_000;
/// The minimum number of final digits that find a phone number.
const MIN_DIGITS: usize = 4;

/// The words of a query. A row matches if each of them is a prefix of one of its words.
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
pub struct SearchText(Vec<BTreeSet<String>>);

/// A query with too many characters or words.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("A search text has at most {} characters and {} words.", SearchText::MAX_CHARS, SearchText::MAX_WORDS)]
pub struct SearchTextTooLong;

impl SearchText {
    const MAX_CHARS: usize = 200;
    const MAX_WORDS: usize = 10;

    /// Parses a query. A query without letters and digits matches everything, as an empty one does.
    pub fn parse(text: &str) -> Result<Self, SearchTextTooLong> {
        if text.chars().count() > Self::MAX_CHARS {
            return Err(SearchTextTooLong);
        }
        let mut words: Vec<BTreeSet<String>> = Vec::new();
        for spelling in spellings(text).map(|text| query_words(&text)) {
            // A word of zeros alone is empty: it would be a prefix of every number.
            for (index, word) in spelling.into_iter().filter(|word| !word.is_empty()).enumerate() {
                words.resize_with(words.len().max(index + 1), BTreeSet::new);
                words[index].insert(word);
            }
        }
        let mut distinct = BTreeSet::new();
        words.retain(|word| distinct.insert(word.clone()));
        if words.len() > Self::MAX_WORDS { Err(SearchTextTooLong) } else { Ok(Self(words)) }
    }

    /// The words, each with its spellings.
    pub fn words(&self) -> impl Iterator<Item = &BTreeSet<String>> {
        self.0.iter()
    }
}

/// The words that find an object with these texts and this phone number. An email address is one word. A telephone
/// number is found by each sequence of its digits that starts at least four digits before its end.
pub fn search_words<'a>(texts: impl IntoIterator<Item = &'a str>, phone: Option<&str>) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for text in texts.into_iter().flat_map(spellings) {
        for part in text.split_whitespace() {
            if let Some((user, _)) = part.split_once('@') {
                found.insert(normalize(part));
                found.extend(split_words(user));
            } else {
                found.extend(split_words(part));
            }
        }
    }
    let digits: String = phone.unwrap_or_default().chars().filter(char::is_ascii_digit).collect();
    let last = digits.len().saturating_sub(MIN_DIGITS);
    found.extend((0..=last).map(|from| normalize(&digits[from..])));
    // A number of zeros alone is an empty word.
    found.remove("");
    found
}

/// The key by which texts are sorted: the text without case and accents, cut to 1,000 bytes.
pub fn sort_key(text: &str) -> String {
    let mut folded = fold(text.trim());
    if folded.is_empty() {
        // The text consists of accents alone.
        text.clone_into(&mut folded);
    }
    folded.truncate(folded.floor_char_boundary(MAX_KEY_BYTES));
    folded
}

fn query_words(text: &str) -> Vec<String> {
    text.split_whitespace()
        .flat_map(|part| if part.contains('@') { vec![normalize(part)] } else { split_words(part).collect() })
        .collect()
}

fn split_words(text: &str) -> impl Iterator<Item = String> {
    let is_separator = |c: char| !c.is_alphanumeric() && !is_combining_mark(c);
    text.split(is_separator).filter(|part| !part.is_empty()).map(normalize)
}

/// A word as it is stored. A number loses its leading zeros, because `030` and `+49 30` are one area code.
fn normalize(word: &str) -> String {
    let is_number = word.bytes().all(|byte| byte.is_ascii_digit());
    let word = if is_number { word.trim_start_matches('0') } else { word };
    word.chars().take(MAX_WORD_CHARS).collect()
}

/// Both spellings of a text without its umlauts: `muller` and `mueller` for Müller.
fn spellings(text: &str) -> impl Iterator<Item = String> {
    let composed = text.nfc().flat_map(char::to_lowercase);
    let mut in_two_letters = String::with_capacity(text.len());
    for letter in composed {
        match letter {
            'ä' => in_two_letters.push_str("ae"),
            'ö' | 'ø' => in_two_letters.push_str("oe"),
            'ü' => in_two_letters.push_str("ue"),
            'å' => in_two_letters.push_str("aa"),
            other => in_two_letters.push(other),
        }
    }
    [fold(text), fold(&in_two_letters)].into_iter()
}

fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    // Marks are removed first: the iota below a Greek letter is a mark whose folded form is a letter. Unicode's full case
    // folding then equates `ß` with `SS`, and the forms of sigma.
    let bare = text.nfkd().filter(|c| !is_ignored(*c));
    for letter in bare.default_case_fold().nfkd().filter(|c| !is_ignored(*c)) {
        match letter {
            'æ' => folded.push_str("ae"),
            'œ' => folded.push_str("oe"),
            'þ' => folded.push_str("th"),
            'ø' => folded.push('o'),
            'ł' => folded.push('l'),
            'đ' | 'ð' => folded.push('d'),
            'ı' => folded.push('i'),
            // Forms of alef without a decomposition.
            '\u{671}'..='\u{673}' => folded.push('\u{627}'),
            other => folded.push(other),
        }
    }
    folded
}

/// Whether a character does not count: accents, the vowel signs and hamza marks of Arabic, the points of Hebrew and Syriac,
/// and invisible characters. The combining marks of other scripts are vowels and stay.
fn is_ignored(c: char) -> bool {
    match c {
        // Accents, the line that stretches an Arabic word, and the hamza above no letter.
        '\u{300}'..='\u{36f}' | '\u{640}' | '\u{674}' => true,
        // It separates the words of scripts without spaces.
        '\u{200b}' => false,
        // The classes 10 to 36 are the signs of Hebrew, Arabic and Syriac; those from 200 are above or below a letter.
        c => is_invisible(c) || matches!(canonical_combining_class(c), 10..=36 | 200..),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finds(query: &str, text: &str, phone: Option<&str>) -> bool {
        let words = search_words([text], phone);
        let query = SearchText::parse(query).unwrap();
        query.words().all(|any| any.iter().any(|start| words.iter().any(|word| word.starts_with(start.as_str()))))
    }

    #[test]
    fn a_name_is_found_by_prefixes_of_its_words() {
        for query in ["ann mue", "MÜL", "mul", "marie", "Ann-Marie", "müller ann", "ann.m", "", " - ", "an an"] {
            assert!(finds(query, "Ann-Marie Müller", None), "{query}");
        }
        for query in ["nn", "anna", "ann mull x", "ann@"] {
            assert!(!finds(query, "Ann-Marie Müller", None), "{query}");
        }
        assert!(finds("müller", "Mueller", None) && finds("strasse", "Straße", None) && finds("lodz", "Łódź", None));
        // In Devanagari a vowel is a combining mark on its consonant; another vowel is another word.
        assert!(finds("कि", "किरण", None) && !finds("का", "किरण", None));
    }

    #[test]
    fn case_is_folded_in_every_script() {
        for (one, other) in [
            ("Γιώργος", "ΓΙΏΡΓΟΣ"),
            ("γιωργοσ", "Γιώργος"),
            ("Σίσυφος", "ΣΙΣΥΦΟΣ"),
            ("ᾠδή", "ΩΔΗ"),
            ("Ὀδυσσεύς", "οδυσσευσ"),
            ("STRASSE", "Straße"),
            ("GROẞ", "groß"),
            ("ЁЛКА", "ёлка"),
            ("ԵՒ", "և"),
            ("ᏣᎳᎩ", "ꮳꮃꭹ"),
            ("𐐔𐐯𐑅", "𐐼𐐯𐑅"),
            ("İzmir", "IZMIR"),
            ("ıvır", "IVIR"),
        ] {
            assert!(finds(one, other, None) && finds(other, one, None), "{one} {other}");
            assert_eq!(sort_key(one), sort_key(other), "{one} {other}");
        }
    }

    #[test]
    fn vowel_signs_and_hamza_forms_are_ignored_as_accents_are() {
        for (bare, written) in [
            ("محمد", "مُحَمَّدٌ"),
            ("احمد", "أحمد"),
            ("اسلام", "إسلام"),
            ("امنة", "آمنة"),
            ("الرحمن", "ٱلرَّحْمَٰن"),
            ("مومن", "مؤمن"),
            ("عايشة", "عائشة"),
            ("محمد", "محـــمد"),
            ("שלום", "שָׁלוֹם"),
            ("میخواهم", "می\u{200c}خواهم"),
            ("Ann", "A\u{feff}n\u{ad}n"),
        ] {
            assert!(finds(bare, written, None) && finds(written, bare, None), "{bare} {written}");
            assert_eq!(sort_key(bare), sort_key(written), "{written}");
        }
        // Other letters, and vowels that are combining marks.
        for (one, other) in [("سما", "سماء"), ("か", "が"), ("กุ", "กู")] {
            assert!(!finds(other, one, None) && sort_key(one) != sort_key(other), "{one} {other}");
        }
        assert!(finds("word", "first\u{200b}word", None), "a zero-width space separates words");
    }

    #[test]
    fn a_word_of_zeros_is_ignored() {
        assert_eq!(SearchText::parse("0").unwrap(), SearchText::default());
        assert_eq!(SearchText::parse("ann 00").unwrap(), SearchText::parse("ann").unwrap());
    }

    #[test]
    fn a_mail_address_is_found_by_its_prefix_and_by_the_words_before_the_at_sign() {
        for query in ["ann.lee@example.com", "ANN.LEE@EX", "lee", "ann lee"] {
            assert!(finds(query, "ann.lee@example.com", None), "{query}");
        }
        for query in ["example", "lee@example.com", "com"] {
            assert!(!finds(query, "ann.lee@example.com", None), "{query}");
        }
    }

    #[test]
    fn a_phone_number_is_found_in_every_notation() {
        for query in ["+49 (30) 555-0100", "030 5550100", "0049 30", "49305550100", "0100", "5550"] {
            assert!(finds(query, "", Some("+49 30 5550100")), "{query}");
        }
        assert!(!finds("31 555", "", Some("+49 30 5550100")));
        assert_eq!(search_words([], Some("+")), BTreeSet::new());
        assert_eq!(search_words([], Some("12")), BTreeSet::from(["12".to_owned()]));
    }

    #[test]
    fn a_query_has_a_limit() {
        assert_eq!(SearchText::parse(&"a ".repeat(101)), Err(SearchTextTooLong));
        assert_eq!(SearchText::parse("a b c d e f g h i j k"), Err(SearchTextTooLong));
        assert!(SearchText::parse("a b c d e f g h i j a b c").is_ok());
        assert!(search_words([&*"a".repeat(1_000)], None).iter().all(|word| word.len() == MAX_WORD_CHARS));
    }

    #[test]
    fn accents_and_capitals_do_not_change_the_sort_order() {
        let mut names = ["Zoe", "ähre", "Ahorn", "Łukasz", "anna", "Mia"];
        names.sort_by_key(|name| sort_key(name));
        assert_eq!(names, ["Ahorn", "ähre", "anna", "Łukasz", "Mia", "Zoe"]);
        assert_eq!(sort_key("\u{301}"), "\u{301}");
        assert_eq!(
            sort_key(&"ﷺ".repeat(200)).len(),
            MAX_KEY_BYTES - 1,
            "a letter decomposes into 18, and the cut is between two"
        );
    }
}
