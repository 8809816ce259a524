use std::{fmt, str::FromStr};

/// Writes a closed set that has a word for each member, in configuration, tokens and the database.
macro_rules! words {
    (
        $(#[$doc:meta])* $name:ident, $unknown:ident, $said:literal {
            $($(#[$member_doc:meta])* $member:ident = $word:literal),+ $(,)?
        }
    ) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
        pub enum $name {
            $($(#[$member_doc])* $member),+
        }

        impl $name {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$member),+];

            /// Its word.
            pub fn word(self) -> &'static str {
                match self { $(Self::$member => $word),+ }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.word())
            }
        }

        #[doc = concat!("A word that is none of a [`", stringify!($name), "`].")]
        #[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
        #[error($said)]
        pub struct $unknown;

        impl FromStr for $name {
            type Err = $unknown;

            fn from_str(word: &str) -> Result<Self, $unknown> {
                Self::ALL.iter().copied().find(|member| member.word() == word).ok_or($unknown)
            }
        }
    };
}

words! {
    /// As what somebody calls.
    Role, UnknownRole, "a role is one of admin, staff, partner, guest, public" {
        /// Runs the installation: everything, everywhere.
        Admin = "admin",
        /// Works at some centers: everything that is of these.
        Staff = "staff",
        /// Another system: what its scopes say, at some centers or at all.
        Partner = "partner",
        /// A guest, on their own behalf.
        Guest = "guest",
        /// Anybody.
        Public = "public",
    }
}

words! {
    /// What a partner may.
    Scope, UnknownScope, "a scope is one of guests:read, guests:write, registrations:read, registrations:write, workshops:write" {
        /// See guests, with mail address and telephone number.
        GuestsRead = "guests:read",
        /// Enter and change guests, and see them.
        GuestsWrite = "guests:write",
        /// See registrations, with their guests, the journal and the statistics.
        RegistrationsRead = "registrations:read",
        /// Register, cancel and check in, and see registrations with their guests.
        RegistrationsWrite = "registrations:write",
        /// Write workshops, and see drafts.
        WorkshopsWrite = "workshops:write",
    }
}
