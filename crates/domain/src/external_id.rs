use crate::{
    WriteMode,
    problems::{ExternalIdTaken, InputInvalid},
    text::{clean_line, is_invisible},
};

/// The id of an object in another system: 1 to 255 characters, no control characters, unique per type of object.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct ExternalId(String);

/// Why a text cannot be an [`ExternalId`].
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum ExternalIdMalformed {
    /// The text is empty, too long, or has a control character.
    #[error("An external id has 1 to 255 characters, none of them a control character.")]
    Form,
    /// The text differs from another one only by characters that a person cannot see.
    #[error("A new external id has no spaces around it and no invisible characters, such as a byte order mark.")]
    Unclean,
}

impl ExternalId {
    /// Parses the id of an existing object. It is never changed: an object can have an id of an earlier version, with
    /// spaces around it or with invisible characters.
    pub fn parse(text: &str) -> Result<Self, ExternalIdMalformed> {
        let well_formed = (1..=255).contains(&text.chars().count()) && !text.chars().any(char::is_control);
        well_formed.then(|| Self(text.to_owned())).ok_or(ExternalIdMalformed::Form)
    }

    /// Parses an id that a new object gets.
    pub fn parse_new(text: &str) -> Result<Self, ExternalIdMalformed> {
        let id = Self::parse(text)?;
        id.ensure_clean().map(|()| id)
    }

    /// Parses an id in an input. That of an update can be the one that the object has.
    pub(crate) fn parse_for(mode: WriteMode, text: &str) -> Result<Self, ExternalIdMalformed> {
        match mode {
            WriteMode::Create => Self::parse_new(text),
            WriteMode::Update => Self::parse(text),
        }
    }

    /// Ensures that a person can see each character of the id.
    pub(crate) fn ensure_clean(&self) -> Result<(), ExternalIdMalformed> {
        let is_clean = clean_line(&self.0) == self.0 && !self.0.contains(is_invisible);
        if is_clean { Ok(()) } else { Err(ExternalIdMalformed::Unclean) }
    }

    /// Ensures that an object can get this external id. `current` is the one that it has.
    pub(crate) fn ensure_assignable(&self, current: Option<&str>) -> Result<(), InputInvalid> {
        if current == Some(self.as_str()) {
            return Ok(());
        }
        self.ensure_clean().map_err(|unclean| InputInvalid::for_field("externalId", unclean))
    }

    /// Ensures that no object other than `target` has the external id; `holder` is the object that has it now.
    pub(crate) fn ensure_available<T: Copy + PartialEq>(holder: Option<T>, target: T) -> Result<(), ExternalIdTaken> {
        if holder.is_none_or(|holder| holder == target) { Ok(()) } else { Err(ExternalIdTaken) }
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_external_id_belongs_to_one_object() {
        assert!(ExternalId::ensure_available(None, 1).is_ok());
        assert!(ExternalId::ensure_available(Some(1), 1).is_ok(), "it has the id already");
        assert!(ExternalId::ensure_available(Some(2), 1).is_err());
    }

    #[test]
    fn an_external_id_has_1_to_255_characters() {
        for good in ["4711", "crm/guest 7", "é", &"x".repeat(255)] {
            assert_eq!(ExternalId::parse(good).unwrap().as_str(), good);
            assert_eq!(ExternalId::parse_new(good).unwrap().as_str(), good);
        }
        for bad in ["", "a\0b", "a\nb", &"x".repeat(256)] {
            assert!(ExternalId::parse(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn only_an_existing_external_id_has_characters_that_a_person_cannot_see() {
        for unclean in [" a", "a\u{a0}", "\u{feff}a", "a\u{200b}b", "a\u{200d}b", "a\u{200c}b", " ", "\u{2060}"] {
            let id = ExternalId::parse(unclean).unwrap();
            assert_eq!(id.as_str(), unclean, "a lookup is exact");
            assert_eq!(ExternalId::parse_new(unclean), Err(ExternalIdMalformed::Unclean), "{unclean:?}");
            assert_eq!(id.ensure_assignable(Some(unclean)), Ok(()), "the object has it");
            assert!(id.ensure_assignable(Some("a")).is_err() && id.ensure_assignable(None).is_err());
        }
    }
}
