//! What each root field requires of its caller. Descriptions, metrics labels and `docs/roles.md` are made from this list,
//! and a test calls every root field as every role.

use std::sync::LazyLock;

use domain::access::{PermissionKind, Role, Scope};

use super::mutations;

/// What a caller needs to use a root field.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum FieldAccess {
    /// Nothing. The field returns published rows, and more to callers who can see more.
    Public,
    /// The right to see registrations.
    Registrations,
    /// The right to see guests.
    Guests,
    /// A permission.
    Permission(PermissionKind),
}

/// A root field and what a caller needs to use it.
#[derive(Clone, Debug)]
pub struct RootField {
    /// The name in the schema.
    pub name: String,
    /// The requirement.
    pub access: FieldAccess,
}

/// The queries and subscriptions. The mutations are in [`mutations::PERMISSIONS`].
#[rustfmt::skip]
const QUERIES: &[(FieldAccess, &[&str])] = &[
    (FieldAccess::Public, &[
        "viewer", "node", "nodes", "workshop", "workshopBy", "workshops", "center", "centerBy", "centers",
        "registrationEligibility", "workshopSeats",
    ]),
    (FieldAccess::Guests, &["guest", "guests"]),
    (FieldAccess::Registrations, &["registration", "registrations", "changes", "statistics"]),
    (FieldAccess::Permission(PermissionKind::ManageApiKeys), &["apiKeys"]),
];

/// All root fields: queries and subscriptions, then mutations.
pub fn root_fields() -> &'static [RootField] {
    static FIELDS: LazyLock<Vec<RootField>> = LazyLock::new(|| {
        let queries = QUERIES.iter().flat_map(|(access, names)| {
            names.iter().map(|name| RootField { name: (*name).to_owned(), access: *access })
        });
        let mutations = mutations::PERMISSIONS.iter().map(|(module, permission)| RootField {
            name: camel_case(module),
            access: FieldAccess::Permission(*permission),
        });
        queries.chain(mutations).collect()
    });
    &FIELDS
}

/// The root field with this name.
pub(in crate::graphql) fn root_field(name: &str) -> Option<&'static RootField> {
    root_fields().iter().find(|field| field.name == name)
}

/// The name of a module as the schema writes it: `register_guest` is `registerGuest`.
fn camel_case(snake_case: &str) -> String {
    let mut name = String::with_capacity(snake_case.len());
    for (position, word) in snake_case.split('_').enumerate() {
        let start = name.len();
        name.push_str(word);
        if position > 0 {
            name[start..=start].make_ascii_uppercase();
        }
    }
    name
}

impl FieldAccess {
    /// The scopes that each give a partner access.
    pub(super) fn scopes(self) -> Vec<Scope> {
        match self {
            Self::Public => Vec::new(),
            Self::Registrations => vec![Scope::RegistrationsRead, Scope::RegistrationsWrite],
            Self::Guests => {
                vec![Scope::GuestsRead, Scope::GuestsWrite, Scope::RegistrationsRead, Scope::RegistrationsWrite]
            }
            Self::Permission(permission) => permission.scope().into_iter().collect(),
        }
    }

    /// Whether a role has access. A partner counts with all scopes.
    pub fn admit(self, role: Role) -> bool {
        match self {
            Self::Public => true,
            Self::Registrations | Self::Guests => role != Role::Public,
            Self::Permission(permission) => permission.is_granted_to(role, &Scope::ALL.iter().copied().collect()),
        }
    }

    /// The sentence that ends the description of such a field; `None` if every caller has access.
    pub fn sentence(self) -> Option<String> {
        if self == Self::Public {
            return None;
        }
        let roles = Role::ALL.iter().filter(|role| self.admit(**role)).map(|role| match role {
            Role::Partner => format!("PARTNER ({})", quoted(&self.scopes())),
            role => role.to_string().to_uppercase(),
        });
        Some(format!("Roles: {}.", roles.collect::<Vec<_>>().join(", ")))
    }
}

/// Scopes as code, joined by "or".
pub(super) fn quoted(scopes: &[Scope]) -> String {
    scopes.iter().map(|scope| format!("`{scope}`")).collect::<Vec<_>>().join(" or ")
}
