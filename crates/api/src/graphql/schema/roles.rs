//! Who may do what: of every root field, what it takes. `atelier schema --roles` prints it, and a test calls each field as
//! each role.

use std::fmt::Write;

use domain::access::{PermissionKind, Role, Scope};

/// What it takes to use a root field.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum FieldAccess {
    /// Nothing: everybody sees what is published, and more who may see more.
    Nothing,
    /// To see some registrations.
    Registrations,
    /// To see some guests.
    Guests,
    /// Permission to do a kind of thing.
    Permission(PermissionKind),
}

/// A root field.
#[derive(Clone, Copy, Debug)]
pub struct RootField {
    /// Its name.
    pub name: &'static str,
    /// What it takes.
    pub needs: FieldAccess,
}

/// Writes the root fields.
macro_rules! root_fields {
    ($($needs:expr => $($name:literal),+;)+) => {
        /// All root fields.
        pub const ROOT_FIELDS: &[RootField] = &[$($(RootField { name: $name, needs: $needs }),+),+];
    };
}

use FieldAccess::{Guests, Nothing, Permission, Registrations};
use PermissionKind::{
    CreateGuests, ManageApiKeys, ManageCenters, ManageRegistrations, ManageWorkshops, OperateFrontDesk, UpdateGuests,
};

root_fields! {
    Nothing => "viewer", "node", "nodes", "workshop", "workshopBy", "workshops", "center", "centerBy", "centers",
        "registrationEligibility", "workshopSeats";
    Guests => "guest", "guests";
    Registrations => "registration", "registrations", "changes", "statistics";
    Permission(ManageRegistrations) => "registerGuest", "cancelRegistration", "changeTrack";
    Permission(OperateFrontDesk) => "registerGuests", "checkInGuest", "undoCheckIn", "markNoShow", "promoteFromWaitlist";
    Permission(ManageWorkshops) => "createWorkshop", "updateWorkshop", "publishWorkshop", "cancelWorkshop", "addTrack",
        "updateTrack", "removeTrack", "addSession", "updateSession", "cancelSession";
    Permission(CreateGuests) => "createGuest", "importGuests";
    Permission(UpdateGuests) => "updateGuest";
    Permission(ManageCenters) => "createCenter", "updateCenter";
    Permission(ManageApiKeys) => "apiKeys", "createApiKey", "rotateApiKey", "revokeApiKey";
}

impl FieldAccess {
    /// The scopes that give it to a partner.
    fn scopes(self) -> Vec<Scope> {
        match self {
            Self::Nothing => Vec::new(),
            Self::Registrations => vec![Scope::RegistrationsRead, Scope::RegistrationsWrite],
            Self::Guests => {
                vec![Scope::GuestsRead, Scope::GuestsWrite, Scope::RegistrationsRead, Scope::RegistrationsWrite]
            }
            Self::Permission(duty) => duty.scope().into_iter().collect(),
        }
    }

    /// Whether somebody of a role may use it; a partner has all the scopes that there are.
    pub fn admit(self, role: Role) -> bool {
        match self {
            Self::Nothing => true,
            Self::Registrations | Self::Guests => role != Role::Public,
            Self::Permission(duty) => duty.is_granted_to(role, &Scope::ALL.iter().copied().collect()),
        }
    }

    /// The sentence with which the description of such a field ends; `None` where everybody may.
    pub fn sentence(self) -> Option<String> {
        let roles = Role::ALL.iter().filter(|role| **role != Role::Public && self.admit(**role));
        let who: Vec<_> = roles
            .map(|role| match role {
                Role::Partner => format!("PARTNER ({})", quoted(&self.scopes())),
                role => role.to_string().to_uppercase(),
            })
            .collect();
        (self != Self::Nothing).then(|| format!("For {}.", who.join(", ")))
    }

    /// What somebody of a role has of it.
    fn cell(self, role: Role) -> String {
        let nothing = "–".to_owned();
        if !self.admit(role) {
            return nothing;
        }
        let scopes = match role {
            Role::Partner if self != Self::Nothing => format!(", with {}", quoted(&self.scopes())),
            _ => String::new(),
        };
        let reach = match (self, role) {
            (Self::Permission(_), Role::Admin) => "everywhere",
            (Self::Permission(_), Role::Guest) => "for oneself",
            (Self::Permission(_), _) => "at one's centers",
            (_, Role::Admin) => "all",
            (Self::Nothing, Role::Staff) => "published, and of one's centers",
            (Self::Nothing, Role::Partner) => "published, and of one's centers as far as the scopes go",
            (Self::Nothing, Role::Guest) => "published, and one's own",
            (Self::Nothing, Role::Public) => "published",
            (_, Role::Guest) => "one's own",
            _ => "of one's centers",
        };
        format!("{reach}{scopes}")
    }
}

fn quoted(scopes: &[Scope]) -> String {
    scopes.iter().map(|scope| format!("`{scope}`")).collect::<Vec<_>>().join(" or ")
}

/// The table, in Markdown.
pub fn table() -> String {
    let mut table =
        "# Who may do what\n\n<!-- Written by `just roles`; a test calls every field as every role. -->\n\n".to_owned();
    table.push_str(
        "What is not for the caller to see is as if it were not there: `null`, not on a list, not counted, not told, and \
         its id names nothing. A dash is an error, UNAUTHENTICATED for PUBLIC and FORBIDDEN for the others.\n\n\
         Seats, centers and published workshops with their tracks and sessions are for everybody. Drafts, also those that \
         were cancelled as drafts, are seen by ADMIN, by the STAFF of the centers that run them, and by PARTNER with \
         `workshops:write` at such a center. A registration, with its journal and what is summed up of it, is of the center \
         where it was made; a guest is of the home center and of every center where they have registered. A PARTNER without \
         a list of centers is of all. Two facts go further: that an external id is taken is told wherever one can be given, and \
         that a guest is registered already wherever the guest is seen.\n\n",
    );
    let head: Vec<_> = Role::ALL.iter().map(|role| role.to_string().to_uppercase()).collect();
    let _ = writeln!(table, "| root field | {} |", head.join(" | "));
    let _ = writeln!(table, "|---|{}", "---|".repeat(head.len()));
    for RootField { name, needs } in ROOT_FIELDS {
        let cells: Vec<_> = Role::ALL.iter().map(|role| needs.cell(*role)).collect();
        let _ = writeln!(table, "| `{name}` | {} |", cells.join(" | "));
    }
    table
}
