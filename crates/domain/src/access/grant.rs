use std::collections::BTreeSet;

use super::{Reach, Role, Scope};
use crate::CenterId;

/// The rights of a key or a token: a role, with scopes and centers where the role has them.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Grant {
    role: Role,
    scopes: BTreeSet<Scope>,
    reach: Reach,
}

/// Why a role does not fit its scopes or centers.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum GrantInvalid {
    /// Guests have their own tokens, and the public has no credentials.
    #[error("the role is one of admin, staff and partner")]
    Role,
    /// Only partners have scopes.
    #[error("only a partner has scopes; other roles have fixed permissions")]
    Scopes,
    /// A partner without scopes has no permission.
    #[error("a partner has at least one scope")]
    NoScope,
    /// An admin reaches every center.
    #[error("an admin has no centers: the role reaches all of them")]
    Centers,
    /// Staff work at centers.
    #[error("staff have at least one center")]
    NoCenter,
}

impl Grant {
    /// A grant; `None` for all centers.
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

    /// The centers at which the holder can act.
    pub fn reach(&self) -> &Reach {
        &self.reach
    }
}
