//! Maps the claims of a token to the access of its holder.

use std::{collections::BTreeSet, str::FromStr};

use domain::{
    Actor, PersonDigest,
    access::{Access, Grant, Role, Scope},
};
use persistence::Store;
use serde_json::{Map, Value};

use super::AuthError;

/// The value of the centers claim that means all centers, present and future.
const ALL_CENTERS: &str = "*";

/// The names of the claims. A name with dots is a path into an object, as in `realm_access.roles`, unless a claim has
/// exactly that name.
#[derive(Clone, Debug)]
pub struct ClaimNames {
    /// The role: a string or a list. Of several roles, the one with the most permissions applies.
    pub role: String,
    /// The role for each value of the role claim. If it is empty, the values are the names of the roles.
    pub roles: Vec<RoleMapping>,
    /// The centers, by id or external id. For a PARTNER, `*` alone means all. STAFF need at least one.
    pub centers: String,
    /// The scopes of a PARTNER: a list, or a string with spaces between them. Unknown scopes are ignored.
    pub scopes: String,
    /// The guest of a token with the role GUEST, by id or external id.
    pub guest: String,
}

/// A value of the role claim and the role that it means.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RoleMapping {
    value: String,
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
        let (value, role) = text.rsplit_once('=').ok_or("expected VALUE=ROLE, for example studio-boss=admin")?;
        let role = role.parse().map_err(|unknown: domain::access::UnknownRole| unknown.to_string())?;
        Ok(Self { value: value.to_owned(), role })
    }
}

impl ClaimNames {
    /// The access of the holder of a token with these claims.
    pub(super) async fn access(
        &self,
        issuer: &str,
        claims: &Map<String, Value>,
        store: &Store,
    ) -> Result<Access, AuthError> {
        let claim = |name: &str| find(claims, name);
        let roles = strings(claim(&self.role));
        let role = roles.iter().filter_map(|value| self.role_of(value)).min().ok_or(AuthError::NoRole)?;
        if role == Role::Guest {
            let guest = claim(&self.guest).and_then(Value::as_str).ok_or(AuthError::NoRole)?;
            return store.resolve_guest(guest).await?.map(Access::guest).ok_or(AuthError::NoRole);
        }
        let center_ids = strings(claim(&self.centers));
        let centers = match role {
            Role::Admin => None,
            Role::Partner if center_ids == [ALL_CENTERS] => None,
            // A token without the claim has no center. It never has all of them.
            _ => Some(store.resolve_centers(&center_ids).await?),
        };
        let scopes = if role == Role::Partner { scopes(claim(&self.scopes)) } else { BTreeSet::new() };
        let grant = Grant::new(role, scopes, centers).map_err(|_| AuthError::NoRole)?;
        let subject = claims.get("sub").and_then(Value::as_str).ok_or(AuthError::InvalidCredential)?;
        Ok(Access::granted(Actor::Person(PersonDigest::of(issuer, subject)), &grant))
    }

    fn role_of(&self, value: &str) -> Option<Role> {
        if self.roles.is_empty() {
            return value.parse().ok();
        }
        self.roles.iter().filter(|mapping| mapping.value == value).map(|mapping| mapping.role).min()
    }
}

/// The claim with this name, or at this path.
fn find<'a>(claims: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    claims.get(name).or_else(|| {
        let mut path = name.split('.');
        path.clone().nth(1)?;
        let first = claims.get(path.next()?)?;
        path.try_fold(first, |value, member| value.get(member))
    })
}

/// The strings of a claim that is a string or a list.
fn strings(value: Option<&Value>) -> Vec<String> {
    let values = match value {
        Some(Value::Array(values)) => values.as_slice(),
        Some(value) => std::slice::from_ref(value),
        None => &[],
    };
    values.iter().filter_map(Value::as_str).map(str::to_owned).collect()
}

fn scopes(value: Option<&Value>) -> BTreeSet<Scope> {
    let strings = strings(value);
    strings.iter().flat_map(|text| text.split_whitespace()).filter_map(|scope| scope.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_claim_is_found_by_its_name_or_its_path() {
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
            assert_eq!(strings(find(claims, name)), found, "{name}");
        }
    }

    #[test]
    fn scopes_are_read_from_a_string_or_a_list_and_unknown_ones_are_ignored() {
        let both = BTreeSet::from([Scope::GuestsRead, Scope::WorkshopsWrite]);
        assert_eq!(scopes(Some(&json!("openid guests:read workshops:write"))), both);
        assert_eq!(scopes(Some(&json!(["workshops:write", "guests:read", "profile"]))), both);
        assert_eq!(scopes(None), BTreeSet::new());
    }

    #[test]
    fn values_of_the_role_claim_are_mapped_to_roles() {
        let roles = ["atelier-boss=admin", "a=b=guest"].map(|text| text.parse().unwrap()).to_vec();
        let names = ClaimNames { roles, ..ClaimNames::default() };
        assert_eq!((names.role_of("atelier-boss"), names.role_of("a=b")), (Some(Role::Admin), Some(Role::Guest)));
        assert_eq!(names.role_of("admin"), None, "a mapping replaces the default values");
        assert_eq!(ClaimNames::default().role_of("admin"), Some(Role::Admin));
        for wrong in ["admin", "boss=king", ""] {
            assert!(wrong.parse::<RoleMapping>().is_err(), "{wrong}");
        }
    }
}
