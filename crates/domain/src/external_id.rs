use crate::problems::ExternalIdTaken;

/// The id of an object in another system: 1 to 255 characters, no control characters, unique per type of object.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct ExternalId(String);

/// Why a text cannot be an [`ExternalId`].
#[derive(Debug, thiserror::Error)]
#[error("An external id has 1 to 255 characters, none of them a control character.")]
pub struct ExternalIdMalformed;

impl ExternalId {
    /// Parses an id; it is never trimmed.
    pub fn parse(text: &str) -> Result<Self, ExternalIdMalformed> {
        let well_formed = (1..=255).contains(&text.chars().count()) && !text.chars().any(char::is_control);
        well_formed.then(|| Self(text.to_owned())).ok_or(ExternalIdMalformed)
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
        }
        for bad in ["", "a\0b", "a\nb", &"x".repeat(256)] {
            assert!(ExternalId::parse(bad).is_err(), "{bad:?}");
        }
    }
}
