//! The document `docs/roles.md`, written by `atelier schema --roles`.

use std::fmt::Write;

use domain::access::Role;

use super::roles::{FieldAccess, RootField, quoted, root_fields};

const INTRODUCTION: &str = "\
# Roles and permissions

<!-- Written by `just generate`. A test calls every root field as every role. -->

Rows that a caller cannot see are `null`, absent from lists and excluded from counts. Their ids are treated as unknown.
A dash means that the server refuses the field: with `UNAUTHENTICATED` for PUBLIC, with `FORBIDDEN` for other roles.

- **Public data.** Every caller sees centers, seats, and published workshops with their tracks and sessions.
- **Drafts.** ADMIN sees all drafts. STAFF see the drafts of workshops that their centers run, and so does a PARTNER with
  `workshops:write`. Cancelled drafts count as drafts.
- **Workshops of several centers.** A caller who may edit workshops and reaches one of the centers may edit the whole
  workshop. This includes the sessions at the other centers and the cancellation of the workshop, which releases the
  registrations of all centers. The caller cannot remove a center that the caller does not reach, or add one.
- **Registrations.** A registration belongs to the center where it was made. So do its journal entries and statistics.
- **Guests.** A guest belongs to the home center and to every center where the guest has registered.
- **Partners.** A PARTNER without a list of centers has access to all centers.

Two facts cross these borders. A caller who can set an external id learns that it is in use, even by a row that the
caller cannot see. A caller who sees a guest learns that the guest is already registered to a workshop, wherever the
registration was made.

";

/// The whole document.
pub fn table() -> String {
    let mut table = INTRODUCTION.to_owned();
    let roles: Vec<_> = Role::ALL.iter().map(|role| role.to_string().to_uppercase()).collect();
    let _ = writeln!(table, "| root field | {} |", roles.join(" | "));
    let _ = writeln!(table, "|---|{}", "---|".repeat(roles.len()));
    for RootField { name, access } in root_fields() {
        let cells: Vec<_> = Role::ALL.iter().map(|role| cell(*access, *role)).collect();
        let _ = writeln!(table, "| `{name}` | {} |", cells.join(" | "));
    }
    table
}

/// What a role can reach with a field.
fn cell(access: FieldAccess, role: Role) -> String {
    if !access.admit(role) {
        return "–".to_owned();
    }
    let reach = match (access, role) {
        (_, Role::Admin) => "all",
        (FieldAccess::Public, Role::Staff) => "published rows, and rows of their centers",
        (FieldAccess::Public, Role::Partner) => "published rows, and rows of its centers within its scopes",
        (FieldAccess::Public, Role::Guest) => "published rows, and their own rows",
        (FieldAccess::Public, Role::Public) => "published rows",
        (_, Role::Guest) => "their own rows",
        (_, Role::Partner) => "rows of its centers",
        _ => "rows of their centers",
    };
    let scopes = match role {
        Role::Partner if access != FieldAccess::Public => format!(", with {}", quoted(&access.scopes())),
        _ => String::new(),
    };
    format!("{reach}{scopes}")
}
