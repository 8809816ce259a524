use data_encoding::BASE64URL_NOPAD;
use domain::Timestamp;
use uuid::Uuid;

/// The position of a row in a list, opaque to clients. Cursors of one ascending list compare like their rows.
#[derive(Clone, Debug, Eq, Hash, PartialEq, PartialOrd)]
pub struct Cursor {
    pub(crate) list: u8,
    pub(crate) key: CursorKey,
    pub(crate) id: Uuid,
}

/// The value that orders a row.
#[derive(Clone, Debug, Eq, Hash, PartialEq, PartialOrd)]
pub(crate) enum CursorKey {
    /// The list is ordered by id alone.
    Id,
    Text(String),
    Instant(Timestamp),
    Number(i64),
}

/// A text that is not a cursor of the list that it was passed to.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct CursorInvalid;

impl Cursor {
    /// The cursor as opaque text.
    pub fn encode(&self) -> String {
        let mut bytes = vec![self.list];
        bytes.extend(self.id.as_bytes());
        match &self.key {
            CursorKey::Id => bytes.push(b'd'),
            CursorKey::Text(text) => {
                bytes.push(b't');
                bytes.extend(text.as_bytes());
            }
            CursorKey::Instant(instant) => {
                bytes.push(b'i');
                bytes.extend(instant.timestamp_micros().to_be_bytes());
            }
            CursorKey::Number(number) => {
                bytes.push(b'n');
                bytes.extend(number.to_be_bytes());
            }
        }
        BASE64URL_NOPAD.encode(&bytes)
    }

    pub(crate) fn decode(text: &str) -> Option<Self> {
        let bytes = BASE64URL_NOPAD.decode(text.as_bytes()).ok()?;
        let (list, rest) = bytes.split_first()?;
        let (id, rest) = rest.split_at_checked(16)?;
        let (kind, value) = rest.split_first()?;
        let key = match kind {
            b'd' if value.is_empty() => CursorKey::Id,
            // PostgreSQL stores no NUL in a text, so no row has one.
            b't' if !value.contains(&0) => CursorKey::Text(String::from_utf8(value.to_vec()).ok()?),
            b'n' => CursorKey::Number(i64::from_be_bytes(value.try_into().ok()?)),
            b'i' => CursorKey::Instant(instant(i64::from_be_bytes(value.try_into().ok()?))?),
            _ => return None,
        };
        Some(Self { list: *list, key, id: Uuid::from_slice(id).ok()? })
    }
}

/// Replaces missing instants in the order of a list, after all others: the last instant that clients can write and both
/// databases can store.
pub(crate) const MAX_INSTANT: Timestamp = match Timestamp::from_timestamp_micros(253_402_300_799_999_999) {
    Some(instant) => instant,
    None => Timestamp::MAX_UTC,
};

/// An instant that a row can contain: from the year 1 to the year 9999.
fn instant(microseconds: i64) -> Option<Timestamp> {
    const FIRST: i64 = -62_135_596_800_000_000;
    (FIRST..=MAX_INSTANT.timestamp_micros())
        .contains(&microseconds)
        .then(|| Timestamp::from_timestamp_micros(microseconds))?
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cursor(key: CursorKey) -> Cursor {
        Cursor { list: 7, key, id: Uuid::from_u128(42) }
    }

    #[test]
    fn a_cursor_survives_encoding_and_decoding() {
        let instant = Timestamp::from_timestamp_micros(1_800_000_000_123_456).unwrap();
        for key in
            [CursorKey::Id, CursorKey::Text("Übung".to_owned()), CursorKey::Instant(instant), CursorKey::Number(-7)]
        {
            assert_eq!(Cursor::decode(&cursor(key.clone()).encode()), Some(cursor(key)));
        }
    }

    #[test]
    fn an_instant_is_within_the_years_1_to_9999() {
        for text in ["0001-01-01T00:00:00Z", "1969-12-31T23:59:59.999999Z", "9999-12-31T23:59:59.999999Z"] {
            let position = cursor(CursorKey::Instant(text.parse().unwrap()));
            assert_eq!(Cursor::decode(&position.encode()), Some(position));
        }
        assert_eq!(Cursor::decode(&cursor(CursorKey::Instant(Timestamp::MAX_UTC)).encode()), None);
    }

    #[test]
    fn a_text_that_no_list_returned_is_rejected() {
        let good = cursor(CursorKey::Text("a".to_owned())).encode();
        let nul = cursor(CursorKey::Text("a\0".to_owned())).encode();
        let far = BASE64URL_NOPAD.encode(&[&[7][..], &[0; 16], b"i", &i64::MAX.to_be_bytes()].concat());
        for bad in ["", "a", "é", "====", &good[1..], &format!("{good}!"), &nul, &far, &"A".repeat(100_000)] {
            assert_eq!(Cursor::decode(bad), None, "{}", bad.chars().take(40).collect::<String>());
        }
    }
}
