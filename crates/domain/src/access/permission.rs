use std::collections::BTreeSet;

use super::{Role, Scope};

/// A permission as a type, for [`Permit`](super::Permit).
pub trait Permission: Send + Sync + 'static {
    /// The permission as a value.
    const KIND: PermissionKind;
}

/// Writes the permissions: each with its type, the roles that have it, and the scope that grants it to a partner.
macro_rules! permissions {
    ($($(#[$doc:meta])* $permission:ident of $($role:ident),+ $(or $scope:ident)?;)+) => {
        /// The permissions as values.
        #[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
        pub enum PermissionKind {
            $($(#[$doc])* $permission),+
        }

        impl PermissionKind {
            /// Every permission.
            pub const ALL: &'static [Self] = &[$(Self::$permission),+];

            /// The roles that have the permission without a scope.
            pub fn roles(self) -> &'static [Role] {
                match self { $(Self::$permission => &[$(Role::$role),+]),+ }
            }

            /// The scope that grants the permission to a partner.
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
    /// Register a guest, cancel a registration, and change its track.
    ManageRegistrations of Admin, Staff, Guest or RegistrationsWrite;
    /// Check in guests, mark no-shows, promote from the waitlist, and register several guests at once.
    OperateFrontDesk of Admin, Staff or RegistrationsWrite;
    /// Create and edit workshops, tracks and sessions.
    ManageWorkshops of Admin, Staff or WorkshopsWrite;
    /// Create guests.
    CreateGuests of Admin, Staff or GuestsWrite;
    /// Update guests.
    UpdateGuests of Admin, Staff, Guest or GuestsWrite;
    /// Create and update centers.
    ManageCenters of Admin;
    /// Create, list, rotate and revoke API keys.
    ManageApiKeys of Admin;
}

impl PermissionKind {
    /// Whether a caller with this role and these scopes has the permission.
    pub fn is_granted_to(self, role: Role, scopes: &BTreeSet<Scope>) -> bool {
        let by_scope = || role == Role::Partner && self.scope().is_some_and(|scope| scopes.contains(&scope));
        self.roles().contains(&role) || by_scope()
    }
}
