use std::collections::BTreeSet;

use super::{Role, Scope};

/// A kind of change that somebody may be allowed to make; the type of what stands for leave to make it.
pub trait Duty: Send + Sync + 'static {
    /// Which one it is.
    const KIND: DutyKind;
}

/// Writes the duties: for each its type, who has it, and the scope that gives it to a partner.
macro_rules! duties {
    ($($(#[$doc:meta])* $duty:ident of $($role:ident),+ $(or $scope:ident)?;)+) => {
        /// The kinds of changes.
        #[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
        pub enum DutyKind {
            $($(#[$doc])* $duty),+
        }

        impl DutyKind {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$duty),+];

            /// The roles that have it whatever their scopes are.
            pub fn roles(self) -> &'static [Role] {
                match self { $(Self::$duty => &[$(Role::$role),+]),+ }
            }

            /// The scope that gives it to a partner.
            pub fn scope(self) -> Option<Scope> {
                match self { $(Self::$duty => None$(.or(Some(Scope::$scope)))?),+ }
            }
        }

        $(
            $(#[$doc])*
            #[derive(Clone, Copy, Debug)]
            pub enum $duty {}

            impl Duty for $duty {
                const KIND: DutyKind = DutyKind::$duty;
            }
        )+
    };
}

duties! {
    /// To register a guest, give up a registration or take it to another track.
    Registering of Admin, Staff, Guest or RegistrationsWrite;
    /// To check in, note who did not come, promote, and register many at once.
    FrontDesk of Admin, Staff or RegistrationsWrite;
    /// To write workshops, tracks and sessions.
    Authoring of Admin, Staff or WorkshopsWrite;
    /// To enter guests.
    GuestEntry of Admin, Staff or GuestsWrite;
    /// To change what is known of a guest.
    GuestCare of Admin, Staff, Guest or GuestsWrite;
    /// To enter and change centers.
    CenterKeeping of Admin;
    /// To make, see, rotate and revoke API keys.
    KeyKeeping of Admin;
}

impl DutyKind {
    /// Whether somebody of this role, with these scopes, has it.
    pub fn is_of(self, role: Role, scopes: &BTreeSet<Scope>) -> bool {
        let by_scope = || role == Role::Partner && self.scope().is_some_and(|scope| scopes.contains(&scope));
        self.roles().contains(&role) || by_scope()
    }
}
