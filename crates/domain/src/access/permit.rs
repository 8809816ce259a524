use std::marker::PhantomData;

use super::{Access, Reach, Visibility};
use crate::Actor;

/// The proof that a caller has the permission `P`. Only an [`Access`] creates one for a caller.
#[derive(Debug)]
pub struct Permit<P> {
    authority: Authority,
    permission: PhantomData<fn() -> P>,
}

/// The caller for whom a change is made, with the caller's reach and visibility.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Authority {
    actor: Actor,
    reach: Reach,
    visibility: Visibility,
}

/// The caller does not have a permission.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Denied {
    /// The caller has no credentials; with credentials the call can succeed.
    Unauthenticated,
    /// The caller's role and scopes do not include the permission.
    Forbidden,
}

impl<P> Permit<P> {
    pub(super) fn new(authority: Authority) -> Self {
        Self { authority, permission: PhantomData }
    }

    /// A permit for Atelier itself, and for its operator on the command line.
    pub fn unlimited(actor: Actor) -> Self {
        Self::new(Access::unlimited(actor).authority())
    }

    /// The caller for whom the change is made.
    pub fn authority(&self) -> &Authority {
        &self.authority
    }

    /// The authority without the permission.
    pub fn into_authority(self) -> Authority {
        self.authority
    }
}

impl<P> Clone for Permit<P> {
    fn clone(&self) -> Self {
        Self::new(self.authority.clone())
    }
}

impl Authority {
    pub(super) fn new(actor: Actor, reach: Reach, visibility: Visibility) -> Self {
        Self { actor, reach, visibility }
    }

    /// The caller.
    pub fn actor(&self) -> &Actor {
        &self.actor
    }

    /// The centers at which the caller can act.
    pub fn reach(&self) -> &Reach {
        &self.reach
    }

    /// The rows that the caller can see.
    pub fn visibility(&self) -> &Visibility {
        &self.visibility
    }
}
