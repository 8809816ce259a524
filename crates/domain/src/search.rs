//! How texts are found and put in order: regardless of case, of accents, and of what stands between the words.

use std::collections::BTreeSet;

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// The most characters of a word that are looked at.
const LONGEST_WORD: usize = 64;
/// The most bytes of a key. Some letters are as long as a sentence once they are taken apart, and PostgreSQL has no
/// index on more than 2,704.
const LONGEST_KEY: usize = 1_000;
/// The fewest digits at the end of a telephone number by which it is found.
const FEWEST_DIGITS: usize = 4;

/// What is searched for: each of its words must begin one of the words of what is found.
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
pub struct SearchText(Vec<BTreeSet<String>>);

/// Why a text is not searched for.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("What is searched for has at most {} characters and {} words.", SearchText::LONGEST, SearchText::MOST_WORDS)]
pub struct SearchTextTooLong;

impl SearchText {
    const LONGEST: usize = 200;
    const MOST_WORDS: usize = 10;

    /// Reads what somebody typed. Without a letter or a digit it finds everything, as an empty field does.
    pub fn parse(text: &str) -> Result<Self, SearchTextTooLong> {
        if text.chars().count() > Self::LONGEST {
            return Err(SearchTextTooLong);
        }
        let mut words: Vec<BTreeSet<String>> = Vec::new();
        for spelled in spellings(text).map(|text| searched(&text)) {
            // Zeros alone begin every number, and say nothing.
            for (place, word) in spelled.into_iter().filter(|word| !word.is_empty()).enumerate() {
                words.resize_with(words.len().max(place + 1), BTreeSet::new);
                words[place].insert(word);
            }
        }
        let mut distinct = BTreeSet::new();
        words.retain(|word| distinct.insert(word.clone()));
        if words.len() > Self::MOST_WORDS { Err(SearchTextTooLong) } else { Ok(Self(words)) }
    }

    /// The words, each with all its spellings.
    pub fn words(&self) -> impl Iterator<Item = &BTreeSet<String>> {
        self.0.iter()
    }
}

/// The words by which something is found that has these texts, and perhaps a telephone number. A mail address in a
/// text is a word of its own; a number is found by any digits in it as long as four follow.
pub fn words<'a>(texts: impl IntoIterator<Item = &'a str>, phone: Option<&str>) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for text in texts.into_iter().flat_map(spellings) {
        for part in text.split_whitespace() {
            if let Some((user, _)) = part.split_once('@') {
                found.insert(cut(part));
                found.extend(parts(user));
            } else {
                found.extend(parts(part));
            }
        }
    }
    let digits: String = phone.unwrap_or_default().chars().filter(char::is_ascii_digit).collect();
    let last = digits.len().saturating_sub(FEWEST_DIGITS);
    found.extend((0..=last).map(|from| cut(&digits[from..])));
    // A number of zeros alone.
    found.remove("");
    found
}

/// What a text is ordered by: what it says, in small letters without accents. Of a very long one, how it begins.
pub fn sort_key(text: &str) -> String {
    let mut folded = fold(text.trim());
    if folded.is_empty() {
        // A text of nothing but accents is something, too.
        text.clone_into(&mut folded);
    }
    folded.truncate(folded.floor_char_boundary(LONGEST_KEY));
    folded
}

fn searched(text: &str) -> Vec<String> {
    text.split_whitespace()
        .flat_map(|part| if part.contains('@') { vec![cut(part)] } else { parts(part).collect() })
        .collect()
}

fn parts(text: &str) -> impl Iterator<Item = String> {
    let is_between = |c: char| !c.is_alphanumeric() && !is_combining_mark(c);
    text.split(is_between).filter(|part| !part.is_empty()).map(cut)
}

/// A word as it is kept. GuestVisibility write a number with more or fewer zeros before it: `030`, `+49 30`.
fn cut(word: &str) -> String {
    let is_number = word.bytes().all(|byte| byte.is_ascii_digit());
    let word = if is_number { word.trim_start_matches('0') } else { word };
    word.chars().take(LONGEST_WORD).collect()
}

/// As people write a text who have its letters, and who do not: `muller` and `mueller` are both Müller.
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
    for letter in text.nfkd().flat_map(char::to_lowercase) {
        match letter {
            // Accents. The signs of other scripts, which make up their words, are not among these.
            '\u{300}'..='\u{36f}' => {}
            'ß' => folded.push_str("ss"),
            'æ' => folded.push_str("ae"),
            'œ' => folded.push_str("oe"),
            'þ' => folded.push_str("th"),
            'ø' => folded.push('o'),
            'ł' => folded.push('l'),
            'đ' | 'ð' => folded.push('d'),
            'ı' => folded.push('i'),
            other => folded.push(other),
        }
    }
    folded
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finds(searched: &str, text: &str, phone: Option<&str>) -> bool {
        let words = words([text], phone);
        let text = SearchText::parse(searched).unwrap();
        text.words().all(|any| any.iter().any(|start| words.iter().any(|word| word.starts_with(start.as_str()))))
    }

    #[test]
    fn a_name_is_found_by_the_beginnings_of_its_words() {
        for searched in ["ann mue", "MÜL", "mul", "marie", "Ann-Marie", "müller ann", "ann.m", "", " - ", "an an"] {
            assert!(finds(searched, "Ann-Marie Müller", None), "{searched}");
        }
        for searched in ["nn", "anna", "ann mull x", "ann@"] {
            assert!(!finds(searched, "Ann-Marie Müller", None), "{searched}");
        }
        assert!(finds("müller", "Mueller", None) && finds("strasse", "Straße", None) && finds("lodz", "Łódź", None));
        // A vowel is a sign on its consonant, and makes another word.
        assert!(finds("कि", "किरण", None) && !finds("का", "किरण", None));
    }

    #[test]
    fn zeros_alone_say_nothing() {
        assert_eq!(SearchText::parse("0").unwrap(), SearchText::default());
        assert_eq!(SearchText::parse("ann 00").unwrap(), SearchText::parse("ann").unwrap());
    }

    #[test]
    fn a_mail_address_is_found_by_its_beginning_and_by_who_it_is() {
        for searched in ["ann.lee@example.com", "ANN.LEE@EX", "lee", "ann lee"] {
            assert!(finds(searched, "ann.lee@example.com", None), "{searched}");
        }
        for searched in ["example", "lee@example.com", "com"] {
            assert!(!finds(searched, "ann.lee@example.com", None), "{searched}");
        }
    }

    #[test]
    fn a_telephone_number_is_found_however_it_is_written() {
        for searched in ["+49 (30) 555-0100", "030 5550100", "0049 30", "49305550100", "0100", "5550"] {
            assert!(finds(searched, "", Some("+49 30 5550100")), "{searched}");
        }
        assert!(!finds("31 555", "", Some("+49 30 5550100")));
        assert_eq!(words([], Some("+")), BTreeSet::new());
        assert_eq!(words([], Some("12")), BTreeSet::from(["12".to_owned()]));
    }

    #[test]
    fn what_is_searched_for_has_an_end() {
        assert_eq!(SearchText::parse(&"a ".repeat(101)), Err(SearchTextTooLong));
        assert_eq!(SearchText::parse("a b c d e f g h i j k"), Err(SearchTextTooLong));
        assert!(SearchText::parse("a b c d e f g h i j a b c").is_ok());
        assert!(words([&*"a".repeat(1_000)], None).iter().all(|word| word.len() == LONGEST_WORD));
    }

    #[test]
    fn accents_and_capitals_do_not_change_the_place_in_a_list() {
        let mut names = ["Zoe", "ähre", "Ahorn", "Łukasz", "anna", "Mia"];
        names.sort_by_key(|name| sort_key(name));
        assert_eq!(names, ["Ahorn", "ähre", "anna", "Łukasz", "Mia", "Zoe"]);
        assert_eq!(sort_key("\u{301}"), "\u{301}");
        assert_eq!(sort_key(&"ﷺ".repeat(200)).len(), LONGEST_KEY - 1, "eighteen letters each, cut between two");
    }
}
