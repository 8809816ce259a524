use chrono::{LocalResult, NaiveDate, NaiveTime, TimeDelta};

use crate::{
    Timestamp,
    text::{clean_line, is_invisible, single_line},
};

/// Writes types for validated texts, each with its error and the message of that error.
macro_rules! validated_texts {
    ($($(#[$doc:meta])* $name:ident or $malformed:ident, $sentence:literal, $parse:expr;)+) => {
        $(
            $(#[$doc])*
            #[derive(Clone, Debug, Eq, PartialEq)]
            pub struct $name(String);

            #[doc = concat!("Why a text cannot be a [`", stringify!($name), "`].")]
            #[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
            #[error($sentence)]
            pub struct $malformed;

            impl $name {
                /// Validates a text.
                pub fn parse(text: &str) -> Result<Self, $malformed> {
                    let parse: fn(&str) -> Option<String> = $parse;
                    parse(text).map(Self).ok_or($malformed)
                }

                /// The text.
                pub fn as_str(&self) -> &str {
                    &self.0
                }
            }
        )+
    };
}

validated_texts! {
    /// The name of a person or a center: 1 to 200 characters after trimming, no control characters.
    Name or NameMalformed, "A name has 1 to 200 characters, not counting spaces around it, and no control characters.",
        |text| single_line(text, 200);
    /// An email address: one `@` with characters on both sides. Only a message to it could verify more.
    Email or EmailMalformed,
        "An email address has one @ with something on both sides, at most 254 characters, and no spaces or control characters.",
        |text| {
            let text = clean_line(text);
            let (user, host) = text.split_once('@')?;
            let has_two_sides = !user.is_empty() && !host.is_empty() && !host.contains('@');
            let is_forbidden = |c: char| c.is_whitespace() || c.is_control() || is_invisible(c);
            (has_two_sides && text.chars().count() <= 254 && !text.contains(is_forbidden)).then_some(text)
        };
    /// A phone number in any notation.
    Phone or PhoneMalformed, "A phone number has 1 to 40 characters: digits, spaces and + - ( ) . /",
        |text| {
            let text = clean_line(text);
            let is_common = |c: char| c.is_ascii_digit() || " +-()./".contains(c);
            ((1..=40).contains(&text.len()) && text.chars().all(is_common)).then_some(text)
        };
}

/// A time zone of the IANA database.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct TimeZone(chrono_tz::Tz);

/// Why a text cannot be a [`TimeZone`].
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("A time zone is an IANA name, for example Asia/Kolkata.")]
pub struct TimeZoneUnknown;

impl TimeZone {
    /// Parses the name of a time zone.
    pub fn parse(name: &str) -> Result<Self, TimeZoneUnknown> {
        name.parse().map(Self).map_err(|_| TimeZoneUnknown)
    }

    /// The offsets of the time zone and their changes.
    pub(crate) fn tz(self) -> chrono_tz::Tz {
        self.0
    }

    /// The name in the IANA database.
    pub fn name(self) -> &'static str {
        self.0.name()
    }

    /// The first instant of a day in this time zone. If the clocks skip midnight or the day, it is the first instant
    /// after the gap.
    pub fn start_of_day(self, day: NaiveDate) -> Timestamp {
        const QUARTER: TimeDelta = TimeDelta::minutes(15);
        let mut midnight = day.and_time(NaiveTime::MIN);
        loop {
            match midnight.and_local_timezone(self.0) {
                LocalResult::Single(start) | LocalResult::Ambiguous(start, _) => return start.to_utc(),
                LocalResult::None => midnight += QUARTER,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_trimmed_and_not_empty() {
        assert_eq!(Name::parse("  Ann Lee\u{a0}").unwrap().as_str(), "Ann Lee");
        assert_eq!(Name::parse("\u{feff}Ann\u{200b} Lee").unwrap().as_str(), "Ann Lee");
        assert!(Name::parse(&"é".repeat(200)).is_ok());
        for bad in ["", "  ", "a\0b", "a\nb", "a\u{85}b", &"é".repeat(201)] {
            assert!(Name::parse(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_mail_address_has_characters_on_both_sides_of_the_at_sign() {
        for good in ["a@b", "ann+lee@example.com", "ü@ö.example", &format!("{}@b", "a".repeat(252))] {
            assert_eq!(Email::parse(good).unwrap().as_str(), good);
        }
        for around in [" ", "\n", "\u{feff}", "\u{200b}"] {
            assert_eq!(Email::parse(&format!("{around}a@b{around}")).unwrap().as_str(), "a@b");
        }
        assert_eq!(Email::parse("a\u{200b}@b\u{ad}c").unwrap().as_str(), "a@bc");
        for bad in [
            "",
            "a",
            "@b",
            "a@",
            "a@b@c",
            "a b@c",
            "a@b\nc",
            "a@\0",
            "a\u{200d}@b",
            "\u{feff}@b",
            &format!("{}@b", "a".repeat(253)),
        ] {
            assert!(Email::parse(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_phone_number_has_digits_and_common_separators() {
        for good in ["1", "+49 (30) 123-45.67/8", &"1".repeat(40)] {
            assert_eq!(Phone::parse(good).unwrap().as_str(), good);
        }
        assert_eq!(Phone::parse("\u{feff} 12\u{200b}3 ").unwrap().as_str(), "123");
        for bad in ["", " ", "call me", "１２", "1\t2", &"1".repeat(41)] {
            assert!(Phone::parse(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_time_zone_is_a_name_of_the_iana_database() {
        assert_eq!(TimeZone::parse("Asia/Kolkata").unwrap().name(), "Asia/Kolkata");
        for bad in ["", "Mars/Olympus", "+05:30", " Asia/Kolkata"] {
            assert!(TimeZone::parse(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_day_starts_at_the_first_instant_of_its_time_zone() {
        for (zone, day, start) in [
            ("Asia/Kolkata", "2027-03-01", "2027-02-28T18:30:00Z"),
            ("America/New_York", "2027-03-15", "2027-03-15T04:00:00Z"),
            // At midnight the clocks went forward to 1:00.
            ("America/Sao_Paulo", "2018-11-04", "2018-11-04T03:00:00Z"),
            // Midnight occurred twice.
            ("America/Havana", "2026-11-01", "2026-11-01T04:00:00Z"),
            // Samoa crossed the date line and skipped this day.
            ("Pacific/Apia", "2011-12-30", "2011-12-30T10:00:00Z"),
        ] {
            let start: Timestamp = start.parse().unwrap();
            assert_eq!(TimeZone::parse(zone).unwrap().start_of_day(day.parse().unwrap()), start, "{zone}");
        }
    }
}
