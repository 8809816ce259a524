//! Roles, scopes and permissions: who can see and change what.
//!
//! An [`Access`] is the result of authentication. Only it creates the two capabilities that the store requires: a
//! [`Visibility`] for reads, and a [`Permit`] for each kind of change. A call without a check therefore does not compile.

mod grant;
mod permission;
mod permit;
mod reach;
mod role;
mod visibility;

use std::collections::BTreeSet;

pub use grant::{Grant, GrantInvalid};
pub use permission::{
    CreateGuests, ManageApiKeys, ManageCenters, ManageRegistrations, ManageWorkshops, OperateFrontDesk, Permission,
    PermissionKind, UpdateGuests,
};
pub use permit::{Authority, Denied, Permit};
pub use reach::Reach;
pub use role::{Role, Scope, UnknownRole, UnknownScope};
pub use visibility::{GuestVisibility, Visibility};

use crate::{Actor, GuestId};

/// The rights of a caller.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Access {
    actor: Actor,
    role: Role,
    scopes: BTreeSet<Scope>,
    reach: Reach,
}

impl Access {
    /// The rights that a grant gives to this actor.
    pub fn granted(actor: Actor, grant: &Grant) -> Self {
        Self { actor, role: grant.role(), scopes: grant.scopes().clone(), reach: grant.reach().clone() }
    }

    /// All permissions at every center.
    pub fn unlimited(actor: Actor) -> Self {
        Self { actor, role: Role::Admin, scopes: BTreeSet::new(), reach: Reach::Everywhere }
    }

    /// The rights of a guest: their own registrations and contact details.
    pub fn guest(guest: GuestId) -> Self {
        Self { actor: Actor::Guest(guest), role: Role::Guest, scopes: BTreeSet::new(), reach: Reach::Everywhere }
    }

    /// The rights of a caller without credentials.
    pub fn public() -> Self {
        Self { actor: Actor::Anonymous, role: Role::Public, scopes: BTreeSet::new(), reach: Reach::Everywhere }
    }

    /// The caller.
    pub fn actor(&self) -> &Actor {
        &self.actor
    }

    /// The role of the caller.
    pub fn role(&self) -> Role {
        self.role
    }

    /// The scopes of a partner; other roles have none.
    pub fn scopes(&self) -> &BTreeSet<Scope> {
        &self.scopes
    }

    /// The centers at which the caller can act.
    pub fn reach(&self) -> &Reach {
        &self.reach
    }

    /// The calling guest, if the caller is one.
    pub fn calling_guest(&self) -> Option<GuestId> {
        match self.actor {
            Actor::Guest(guest) => Some(guest),
            Actor::Anonymous | Actor::Demo | Actor::Key(_) | Actor::Person(_) | Actor::System => None,
        }
    }

    /// The rows that the caller can see.
    pub fn visibility(&self) -> Visibility {
        let guests_for = |scopes: &[Scope]| match self.role {
            Role::Admin => GuestVisibility::All,
            Role::Staff => self.reach.guest_visibility(),
            Role::Partner if scopes.iter().any(|scope| self.scopes.contains(scope)) => self.reach.guest_visibility(),
            Role::Guest => self.calling_guest().map_or(GuestVisibility::None, GuestVisibility::Only),
            Role::Partner | Role::Public => GuestVisibility::None,
        };
        let drafts = if PermissionKind::ManageWorkshops.is_granted_to(self.role, &self.scopes) {
            self.reach.clone()
        } else {
            Reach::none()
        };
        Visibility {
            drafts,
            guests: guests_for(&[
                Scope::GuestsRead,
                Scope::GuestsWrite,
                Scope::RegistrationsRead,
                Scope::RegistrationsWrite,
            ]),
            registrations: guests_for(&[Scope::RegistrationsRead, Scope::RegistrationsWrite]),
        }
    }

    /// The caller as the author of a change.
    pub fn authority(&self) -> Authority {
        Authority::new(self.actor.clone(), self.reach.clone(), self.visibility())
    }

    /// Proves that the caller has the permission `P`.
    pub fn permit<P: Permission>(&self) -> Result<Permit<P>, Denied> {
        self.ensure(P::KIND).map(|()| Permit::new(self.authority()))
    }

    /// Ensures that the caller has a permission.
    pub fn ensure(&self, permission: PermissionKind) -> Result<(), Denied> {
        if permission.is_granted_to(self.role, &self.scopes) {
            Ok(())
        } else if self.role == Role::Public {
            Err(Denied::Unauthenticated)
        } else {
            Err(Denied::Forbidden)
        }
    }

    /// Ensures that the caller can see guests: an error is clearer than an empty list.
    pub fn ensure_sees_guests(&self, select: impl Fn(&Visibility) -> &GuestVisibility) -> Result<(), Denied> {
        match (select(&self.visibility()), self.role) {
            (GuestVisibility::None, Role::Public) => Err(Denied::Unauthenticated),
            (GuestVisibility::None, _) => Err(Denied::Forbidden),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests;
