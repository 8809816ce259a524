use std::marker::PhantomData;

use super::{Access, Reach, Visibility};
use crate::Actor;

/// Leave to make a kind of change, on behalf of somebody. Only an [`Access`](super::Access) makes one.
#[derive(Debug)]
pub struct Permit<D> {
    authority: Authority,
    permission: PhantomData<fn() -> D>,
}

/// On whose behalf something is done, and how far that reaches.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Authority {
    actor: Actor,
    reach: Reach,
    visibility: Visibility,
}

/// Somebody may not do this.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Denied {
    /// It is not known who is calling; somebody who says so may perhaps.
    Unauthenticated,
    /// Not this caller.
    Forbidden,
}

impl<D> Permit<D> {
    pub(super) fn new(authority: Authority) -> Self {
        Self { authority, permission: PhantomData }
    }

    /// For what Atelier does itself, or its operator on the command line.
    pub fn unlimited(actor: Actor) -> Self {
        Self::new(Access::unlimited(actor).authority())
    }

    /// On whose behalf.
    pub fn authority(&self) -> &Authority {
        &self.authority
    }

    /// The same, without what it was for.
    pub fn into_authority(self) -> Authority {
        self.authority
    }
}

impl<D> Clone for Permit<D> {
    fn clone(&self) -> Self {
        Self::new(self.authority.clone())
    }
}

impl Authority {
    pub(super) fn new(actor: Actor, reach: Reach, visibility: Visibility) -> Self {
        Self { actor, reach, visibility }
    }

    /// Who asked.
    pub fn actor(&self) -> &Actor {
        &self.actor
    }

    /// Where they may act.
    pub fn reach(&self) -> &Reach {
        &self.reach
    }

    /// What they see.
    pub fn visibility(&self) -> &Visibility {
        &self.visibility
    }
}
