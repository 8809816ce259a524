use async_graphql::{Context, Enum, Object, Result};
use domain::{Actor, GuestId, access::Access};

use super::{api_key::load_centers, center::Center, guest::Guest};
use crate::graphql::{
    execution::{
        context::access,
        cost::{CENTERS, list_cost, lookup_cost},
    },
    schema::enums::{Role, Scope},
};

/// The caller.
pub(crate) struct Viewer(pub(in crate::graphql) Access);

/// How the caller is identified.
#[derive(Clone, Copy, Debug, Enum, Eq, PartialEq)]
enum ViewerKind {
    /// A caller without credentials.
    Anonymous,
    /// A visitor of `atelier demo`.
    Demo,
    /// The holder of an API key.
    Key,
    /// The holder of a token from the operator's identity provider.
    Person,
    /// A guest who acts for themselves.
    Guest,
    /// Atelier itself. Requests never have this kind.
    System,
}

/// Returns the calling guest, if the caller is a guest.
pub(super) fn calling_guest(ctx: &Context<'_>) -> Option<GuestId> {
    access(ctx).calling_guest()
}

/// The caller, as the server identified them.
#[Object]
impl Viewer {
    /// The name that the journal records for this caller's changes: `key_…` for an API key, `person_…` for the holder
    /// of a token, the id of a guest, `demo` or `anonymous`.
    async fn actor(&self) -> String {
        self.0.actor().to_string()
    }

    /// How the caller is identified.
    async fn kind(&self) -> ViewerKind {
        match self.0.actor() {
            Actor::Anonymous => ViewerKind::Anonymous,
            Actor::Demo => ViewerKind::Demo,
            Actor::Key(_) => ViewerKind::Key,
            Actor::Person(_) => ViewerKind::Person,
            Actor::Guest(_) => ViewerKind::Guest,
            Actor::System => ViewerKind::System,
        }
    }

    /// The role of the caller.
    async fn role(&self) -> Role {
        self.0.role().into()
    }

    /// The scopes of a PARTNER. Other roles have no scopes.
    async fn scopes(&self) -> Vec<Scope> {
        self.0.scopes().iter().copied().map(Scope::from).collect()
    }

    /// The centers where the caller can act, in the order of their ids. null means all centers.
    #[graphql(complexity = "list_cost(CENTERS, child_complexity)")]
    async fn centers(&self, ctx: &Context<'_>) -> Result<Option<Vec<Center>>> {
        match self.0.reach().centers() {
            Some(ids) => Ok(Some(load_centers(ctx, ids.iter().copied()).await?)),
            None => Ok(None),
        }
    }

    /// The calling guest; null if the caller is not a guest.
    #[graphql(complexity = "lookup_cost(child_complexity)")]
    async fn guest(&self, ctx: &Context<'_>) -> Option<Result<Guest>> {
        let guest = calling_guest(ctx)?;
        Some(Guest::load(ctx, guest.uuid()).await.map_err(Into::into))
    }
}
