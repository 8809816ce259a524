//! From what a token says to what its holder may.

use std::{collections::BTreeSet, str::FromStr};

use domain::{
    Actor, PersonDigest,
    access::{Access, Grant, Role, Scope},
};
use persistence::Store;
use serde_json::{Map, Value};

use super::Unknown;

/// In the place of centers: all that there are, and that there will be.
const EVERYWHERE: &str = "*";

/// Which claim of a token says what. A name with dots in it is the way into an object, as in `realm_access.roles`, unless
/// there is a claim with that very name.
#[derive(Clone, Debug)]
pub struct ClaimNames {
    /// The role: a word, or several of which the one counts that may most.
    pub role: String,
    /// What the words for a role mean here; without any they are our own.
    pub roles: Vec<RoleMapping>,
    /// The centers, by our ids or those of another system; for a PARTNER `*` alone means all. STAFF have at least one.
    pub centers: String,
    /// The scopes of a PARTNER, as a list or as words with spaces between. Words that are no scopes are passed over.
    pub scopes: String,
    /// Which guest a GUEST is, by our id or that of another system.
    pub guest: String,
}

/// A word of an identity provider, and the role for which it stands.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RoleMapping {
    word: String,
    role: Role,
}

impl Default for ClaimNames {
    fn default() -> Self {
        let [role, centers, scopes, guest] = ["role", "centers", "scope", "guest"].map(str::to_owned);
        Self { role, roles: Vec::new(), centers, scopes, guest }
    }
}

impl FromStr for RoleMapping {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (word, role) = text.rsplit_once('=').ok_or("a word of the token, =, and a role belong here")?;
        let role = role.parse().map_err(|unknown: domain::access::UnknownRole| unknown.to_string())?;
        Ok(Self { word: word.to_owned(), role })
    }
}

impl ClaimNames {
    /// What the holder of a token may that says this.
    pub(super) async fn access(
        &self,
        issuer: &str,
        claims: &Map<String, Value>,
        store: &Store,
    ) -> Result<Access, Unknown> {
        let said = |name: &str| find(claims, name);
        let role = words(said(&self.role)).iter().filter_map(|word| self.role_of(word)).min().ok_or(Unknown::NoRole)?;
        if role == Role::Guest {
            // One, and nothing else beside it.
            let name = said(&self.guest).and_then(Value::as_str).ok_or(Unknown::NoRole)?;
            return store.resolve_guest(name).await?.map(Access::guest).ok_or(Unknown::NoRole);
        }
        let named = words(said(&self.centers));
        let centers = match role {
            Role::Admin => None,
            Role::Partner if named == [EVERYWHERE] => None,
            // Of no center, where the token does not speak of any: that is never what all of them means.
            _ => Some(store.resolve_centers(&named).await?),
        };
        let scopes = if role == Role::Partner { scopes(said(&self.scopes)) } else { BTreeSet::new() };
        let grant = Grant::new(role, scopes, centers).map_err(|_| Unknown::NoRole)?;
        let subject = claims.get("sub").and_then(Value::as_str).ok_or(Unknown::Refused)?;
        Ok(Access::granted(Actor::Person(PersonDigest::of(issuer, subject)), &grant))
    }

    fn role_of(&self, word: &str) -> Option<Role> {
        if self.roles.is_empty() {
            return word.parse().ok();
        }
        self.roles.iter().filter(|mapping| mapping.word == word).map(|mapping| mapping.role).min()
    }
}

fn find<'a>(claims: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    claims.get(name).or_else(|| {
        let mut way = name.split('.');
        way.clone().nth(1)?;
        let first = claims.get(way.next()?)?;
        way.try_fold(first, |value, step| value.get(step))
    })
}

/// One word, or a list of them.
fn words(value: Option<&Value>) -> Vec<String> {
    let all = match value {
        Some(Value::Array(all)) => all.as_slice(),
        Some(one) => std::slice::from_ref(one),
        None => &[],
    };
    all.iter().filter_map(Value::as_str).map(str::to_owned).collect()
}

fn scopes(value: Option<&Value>) -> BTreeSet<Scope> {
    words(value).iter().flat_map(|words| words.split_whitespace()).filter_map(|word| word.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_claim_is_found_by_its_name_or_by_the_way_to_it() {
        let claims = json!({ "role": "staff", "realm_access": { "roles": ["a", "b", 1] }, "https://x.org/roles": "c" });
        let claims = claims.as_object().unwrap();
        for (name, found) in [
            ("role", &["staff"][..]),
            ("realm_access.roles", &["a", "b"]),
            ("https://x.org/roles", &["c"]),
            ("realm_access", &[]),
            ("role.roles", &[]),
            ("nothing.there", &[]),
            ("", &[]),
        ] {
            assert_eq!(words(find(claims, name)), found, "{name}");
        }
    }

    #[test]
    fn a_scope_is_one_of_ours_however_they_are_written() {
        let both = BTreeSet::from([Scope::GuestsRead, Scope::WorkshopsWrite]);
        assert_eq!(scopes(Some(&json!("openid guests:read workshops:write"))), both);
        assert_eq!(scopes(Some(&json!(["workshops:write", "guests:read", "profile"]))), both);
        assert_eq!(scopes(None), BTreeSet::new());
    }

    #[test]
    fn words_of_an_identity_provider_mean_what_they_are_said_to() {
        let roles = ["atelier-boss=admin", "a=b=guest"].map(|text| text.parse().unwrap()).to_vec();
        let names = ClaimNames { roles, ..ClaimNames::default() };
        assert_eq!((names.role_of("atelier-boss"), names.role_of("a=b")), (Some(Role::Admin), Some(Role::Guest)));
        assert_eq!(names.role_of("admin"), None, "our own words mean nothing where others are given");
        assert_eq!(ClaimNames::default().role_of("admin"), Some(Role::Admin));
        for wrong in ["admin", "boss=king", ""] {
            assert!(wrong.parse::<RoleMapping>().is_err(), "{wrong}");
        }
    }
}
