use strum::{Display, EnumString, VariantArray};

/// The role of a caller. Configuration, tokens and the database store it as its lower-case name.
#[derive(Clone, Copy, Debug, Display, EnumString, Eq, Hash, Ord, PartialEq, PartialOrd, VariantArray)]
#[strum(serialize_all = "lowercase", parse_err_ty = UnknownRole, parse_err_fn = unknown_role)]
pub enum Role {
    /// Runs the installation: has every permission at every center.
    Admin,
    /// Works at some centers: manages what belongs to them.
    Staff,
    /// Another system: has its scopes, at some centers or at all.
    Partner,
    /// A guest, for their own registrations and contact details.
    Guest,
    /// A caller without credentials.
    Public,
}

/// A permission of a partner.
#[derive(Clone, Copy, Debug, Display, EnumString, Eq, Hash, Ord, PartialEq, PartialOrd, VariantArray)]
#[strum(parse_err_ty = UnknownScope, parse_err_fn = unknown_scope)]
pub enum Scope {
    /// See guests, with email address and phone number.
    #[strum(serialize = "guests:read")]
    GuestsRead,
    /// Create, change and see guests.
    #[strum(serialize = "guests:write")]
    GuestsWrite,
    /// See registrations, with their guests, the journal and the statistics.
    #[strum(serialize = "registrations:read")]
    RegistrationsRead,
    /// Register, cancel and check in guests, and see registrations with their guests.
    #[strum(serialize = "registrations:write")]
    RegistrationsWrite,
    /// Create and edit workshops, and see drafts.
    #[strum(serialize = "workshops:write")]
    WorkshopsWrite,
}

impl Role {
    /// Every role.
    pub const ALL: &'static [Self] = Self::VARIANTS;
}

impl Scope {
    /// Every scope.
    pub const ALL: &'static [Self] = Self::VARIANTS;
}

/// A text that is not the name of a [`Role`].
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("a role is one of admin, staff, partner, guest, public")]
pub struct UnknownRole;

/// A text that is not the name of a [`Scope`].
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("a scope is one of guests:read, guests:write, registrations:read, registrations:write, workshops:write")]
pub struct UnknownScope;

fn unknown_role(_: &str) -> UnknownRole {
    UnknownRole
}

fn unknown_scope(_: &str) -> UnknownScope {
    UnknownScope
}
