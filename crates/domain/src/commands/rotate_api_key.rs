//! Replaces an API key with a new one that has the same rights. The old one stays valid for an overlap.

use super::{refusal, revoke_api_key::ApiKeyReference};
use crate::{ApiKeyId, Overlap, Term, Timestamp, problems::ApiKeyInvalid};

/// Replaces an API key.
#[derive(Clone, Debug)]
pub struct RotateApiKey {
    /// The key; `None` if the text is malformed.
    pub key: Option<ApiKeyReference>,
    /// The id of the new key.
    pub id: ApiKeyId,
    /// The time for which the old key stays valid.
    pub overlap: Overlap,
}

refusal! {
    /// The problems of this command, in the order of the checks.
    RotateApiKeyRefusal { InputInvalid, ApiKeyInvalid }
}

impl RotateApiKey {
    /// Decides and returns the lifetimes of the old and the new key. A key that has ended or was replaced cannot be
    /// replaced. If the old key expires, the new one gets the same total lifetime.
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
    fn the_new_key_has_the_total_lifetime_of_the_old_one() {
        let rotate = RotateApiKey { key: None, id: ApiKeyId::from_uuid(Uuid::nil()), overlap: Overlap::default() };
        let created_at = at(NOW) - TimeDelta::days(20);
        let term = Term { expires_at: Some(created_at + TimeDelta::days(30)), revoked_at: None };
        let (old, new) = rotate.decide(term, created_at, false, at(NOW)).unwrap();
        assert_eq!(old.expires_at, Some(at(NOW) + TimeDelta::days(1)));
        assert_eq!(new.expires_at, Some(at(NOW) + TimeDelta::days(30)));
        let (_, new) = rotate.decide(Term::default(), created_at, false, at(NOW)).unwrap();
        assert_eq!(new, Term::default());
        assert!(rotate.decide(Term { revoked_at: Some(created_at), ..term }, created_at, false, at(NOW)).is_err());
        assert!(rotate.decide(term, created_at, false, at(NOW) + TimeDelta::days(10)).is_err(), "it has expired");
        assert!(rotate.decide(term, created_at, true, at(NOW)).is_err(), "it was replaced already");
    }
}
