use std::collections::BTreeSet;

use super::{Role, Scope};

/// A kind of change that somebody may be allowed to make; the type of what stands for leave to make it.
pub trait Permission: Send + Sync + 'static {
    /// Which one it is.
    const KIND: PermissionKind;
}

/// Writes the duties: for each its type, who has it, and the scope that gives it to a partner.
macro_rules! permissions {
    ($($(#[$doc:meta])* $permission:ident of $($role:ident),+ $(or $scope:ident)?;)+) => {
        /// The kinds of changes.
        #[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
        pub enum PermissionKind {
            $($(#[$doc])* $permission),+
        }

        impl PermissionKind {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$permission),+];

            /// The roles that have it whatever their scopes are.
            pub fn roles(self) -> &'static [Role] {
                match self { $(Self::$permission => &[$(Role::$role),+]),+ }
            }

            /// The scope that gives it to a partner.
            pub fn scope(self) -> Option<Scope> {
                match self { $(Self::$permission => None$(.or(Some(Scope::$scope)))?),+ }
            }
        }

        $(
            $(#[$doc])*
            #[derive(Clone, Copy, Debug)]
            pub enum $permission {}

            impl Permission for $permission {
                const KIND: PermissionKind = PermissionKind::$permission;
            }
        )+
    };
}

permissions! {
    /// To register a guest, give up a registration or take it to another track.
    ManageRegistrations of Admin, Staff, Guest or RegistrationsWrite;
    /// To check in, note who did not come, promote, and register many at once.
    OperateFrontDesk of Admin, Staff or RegistrationsWrite;
    /// To write workshops, tracks and sessions.
    ManageWorkshops of Admin, Staff or WorkshopsWrite;
    /// To enter guests.
    CreateGuests of Admin, Staff or GuestsWrite;
    /// To change what is known of a guest.
    UpdateGuests of Admin, Staff, Guest or GuestsWrite;
    /// To enter and change centers.
    ManageCenters of Admin;
    /// To make, see, rotate and revoke API keys.
    ManageApiKeys of Admin;
}

impl PermissionKind {
    /// Whether somebody of this role, with these scopes, has it.
    pub fn is_of(self, role: Role, scopes: &BTreeSet<Scope>) -> bool {
        let by_scope = || role == Role::Partner && self.scope().is_some_and(|scope| scopes.contains(&scope));
        self.roles().contains(&role) || by_scope()
    }
}
