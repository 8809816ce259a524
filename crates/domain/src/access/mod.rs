//! Who may see and do what.
//!
//! An [`Access`] is what a caller turned out to be. It alone hands out the two capabilities that the store asks for: a
//! [`Visibility`] to read with, and a [`Permit`] for each kind of change. Neither can be made in another way, so that a call
//! which nobody allowed does not compile.

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

/// What a caller may see and do.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Access {
    actor: Actor,
    role: Role,
    scopes: BTreeSet<Scope>,
    reach: Reach,
}

impl Access {
    /// What was granted to this actor.
    pub fn granted(actor: Actor, grant: &Grant) -> Self {
        Self { actor, role: grant.role(), scopes: grant.scopes().clone(), reach: grant.reach().clone() }
    }

    /// Everything, everywhere.
    pub fn unlimited(actor: Actor) -> Self {
        Self { actor, role: Role::Admin, scopes: BTreeSet::new(), reach: Reach::Everywhere }
    }

    /// What a guest may: whatever is about themselves.
    pub fn guest(guest: GuestId) -> Self {
        Self { actor: Actor::Guest(guest), role: Role::Guest, scopes: BTreeSet::new(), reach: Reach::Everywhere }
    }

    /// What everybody may.
    pub fn public() -> Self {
        Self { actor: Actor::Anonymous, role: Role::Public, scopes: BTreeSet::new(), reach: Reach::Everywhere }
    }

    /// Who is calling.
    pub fn actor(&self) -> &Actor {
        &self.actor
    }

    /// The role of the caller.
    pub fn role(&self) -> Role {
        self.role
    }

    /// What a partner may; other roles have none.
    pub fn scopes(&self) -> &BTreeSet<Scope> {
        &self.scopes
    }

    /// Where the caller may act.
    pub fn reach(&self) -> &Reach {
        &self.reach
    }

    /// The guest who is calling, if it is one.
    pub fn calling_guest(&self) -> Option<GuestId> {
        match self.actor {
            Actor::Guest(guest) => Some(guest),
            Actor::Anonymous | Actor::Demo | Actor::Key(_) | Actor::Person(_) | Actor::System => None,
        }
    }

    /// To read with.
    pub fn visibility(&self) -> Visibility {
        let of_its_centers = |scopes: &[Scope]| match self.role {
            Role::Admin => GuestVisibility::All,
            Role::Staff => self.reach.people(),
            Role::Partner if scopes.iter().any(|scope| self.scopes.contains(scope)) => self.reach.people(),
            Role::Guest => self.calling_guest().map_or(GuestVisibility::None, GuestVisibility::Only),
            Role::Partner | Role::Public => GuestVisibility::None,
        };
        let drafts = if PermissionKind::ManageWorkshops.is_of(self.role, &self.scopes) {
            self.reach.clone()
        } else {
            Reach::none()
        };
        Visibility {
            drafts,
            guests: of_its_centers(&[
                Scope::GuestsRead,
                Scope::GuestsWrite,
                Scope::RegistrationsRead,
                Scope::RegistrationsWrite,
            ]),
            registrations: of_its_centers(&[Scope::RegistrationsRead, Scope::RegistrationsWrite]),
        }
    }

    /// What is done on behalf of this caller.
    pub fn authority(&self) -> Authority {
        Authority::new(self.actor.clone(), self.reach.clone(), self.visibility())
    }

    /// Leave to do a kind of thing.
    pub fn permit<D: Permission>(&self) -> Result<Permit<D>, Denied> {
        self.ensure(D::KIND).map(|()| Permit::new(self.authority()))
    }

    /// Whether the caller may do a kind of thing.
    pub fn ensure(&self, permission: PermissionKind) -> Result<(), Denied> {
        if permission.is_of(self.role, &self.scopes) {
            Ok(())
        } else if self.role == Role::Public {
            Err(Denied::Unauthenticated)
        } else {
            Err(Denied::Forbidden)
        }
    }

    /// Whether there is anybody whom the caller may see: the sentence is better than an empty list.
    pub fn ensure_sees_guests(&self, whom: impl Fn(&Visibility) -> &GuestVisibility) -> Result<(), Denied> {
        match (whom(&self.visibility()), self.role) {
            (GuestVisibility::None, Role::Public) => Err(Denied::Unauthenticated),
            (GuestVisibility::None, _) => Err(Denied::Forbidden),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests;
