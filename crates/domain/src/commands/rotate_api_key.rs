//! Replace an API key by a new one that allows the same; the old one goes on for a while.

use super::{refusal, revoke_api_key::ApiKeyReference};
use crate::{ApiKeyId, Overlap, Term, Timestamp, problems::ApiKeyInvalid};

/// A key to replace.
#[derive(Clone, Debug)]
pub struct RotateApiKey {
    /// Which one; `None` for a text that names nothing.
    pub key: Option<ApiKeyReference>,
    /// The id that the new one gets.
    pub id: ApiKeyId,
    /// How long the old one goes on.
    pub overlap: Overlap,
}

refusal! {
    /// The problems this command can meet, in the order in which they are looked for.
    RotateApiKeyRefusal { InputInvalid, ApiKeyInvalid }
}

impl RotateApiKey {
    /// Decides: the terms of the old key and of the new one. A key that has ended is not brought back by replacing it, one that was replaced already is not any more what it was given as, and
    /// one that was to expire is replaced by one that lives as long as it was given in the beginning.
    pub fn decide(
        &self,
        term: Term,
        created_at: Timestamp,
        is_replaced: bool,
        now: Timestamp,
    ) -> Result<(Term, Term), RotateApiKeyRefusal> {
        if is_replaced || !term.is_active(now) {
            return Err(ApiKeyInvalid.into());
        }
        let expires_at = term.expires_at.map(|expires_at| now + (expires_at - created_at));
        Ok((term.with_overlap(self.overlap, now), Term { expires_at, revoked_at: None }))
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use uuid::Uuid;

    use super::*;
    use crate::fixtures::{NOW, at};

    #[test]
    fn the_new_key_lives_as_long_as_the_old_one_was_given() {
        let rotate = RotateApiKey { key: None, id: ApiKeyId::from_uuid(Uuid::nil()), overlap: Overlap::default() };
        let made = at(NOW) - TimeDelta::days(20);
        let term = Term { expires_at: Some(made + TimeDelta::days(30)), revoked_at: None };
        let (old, new) = rotate.decide(term, made, false, at(NOW)).unwrap();
        assert_eq!(old.expires_at, Some(at(NOW) + TimeDelta::days(1)));
        assert_eq!(new.expires_at, Some(at(NOW) + TimeDelta::days(30)));
        let (_, new) = rotate.decide(Term::default(), made, false, at(NOW)).unwrap();
        assert_eq!(new, Term::default());
        assert!(rotate.decide(Term { revoked_at: Some(made), ..term }, made, false, at(NOW)).is_err());
        assert!(rotate.decide(term, made, false, at(NOW) + TimeDelta::days(10)).is_err(), "it has expired");
        assert!(rotate.decide(term, made, true, at(NOW)).is_err(), "it was replaced already");
    }
}
