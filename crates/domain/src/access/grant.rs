use std::collections::BTreeSet;

use super::{Reach, Role, Scope};
use crate::CenterId;

/// What a key or a token allows: a role, with scopes and centers where the role has them.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Grant {
    role: Role,
    scopes: BTreeSet<Scope>,
    reach: Reach,
}

/// Why a grant makes no sense.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum GrantInvalid {
    /// Guests come with a token of their own, and the public with nothing.
    #[error("the role is one of admin, staff and partner")]
    Role,
    /// Only partners have scopes.
    #[error("only a partner has scopes; other roles may do what belongs to them")]
    Scopes,
    /// A partner without scopes may do nothing.
    #[error("a partner has at least one scope")]
    NoScope,
    /// An admin is everywhere.
    #[error("an admin has no centers: the role reaches all of them")]
    Centers,
    /// Staff work somewhere.
    #[error("staff have at least one center")]
    NoCenter,
}

impl Grant {
    /// A grant; `centers`: `None` for all.
    pub fn new(role: Role, scopes: BTreeSet<Scope>, centers: Option<BTreeSet<CenterId>>) -> Result<Self, GrantInvalid> {
        match role {
            Role::Guest | Role::Public => return Err(GrantInvalid::Role),
            Role::Admin if centers.is_some() => return Err(GrantInvalid::Centers),
            Role::Staff if centers.as_ref().is_none_or(BTreeSet::is_empty) => return Err(GrantInvalid::NoCenter),
            Role::Admin | Role::Staff if !scopes.is_empty() => return Err(GrantInvalid::Scopes),
            Role::Partner if scopes.is_empty() => return Err(GrantInvalid::NoScope),
            Role::Admin | Role::Staff | Role::Partner => {}
        }
        Ok(Self { role, scopes, reach: centers.map_or(Reach::Everywhere, Reach::of) })
    }

    /// The role.
    pub fn role(&self) -> Role {
        self.role
    }

    /// The scopes of a partner.
    pub fn scopes(&self) -> &BTreeSet<Scope> {
        &self.scopes
    }

    /// Where.
    pub fn reach(&self) -> &Reach {
        &self.reach
    }
}
