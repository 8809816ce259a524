use async_graphql::{Context, Enum, Object, Result};
use domain::{Actor, GuestId, access::Access};

use super::{api_key::named, center::Center, guest::Guest};
use crate::graphql::{
    execution::cost::looked_up,
    schema::enums::{Role, Scope},
};

/// Who is calling.
pub(crate) struct Viewer(pub(in crate::graphql) Access);

/// As what somebody is calling.
#[derive(Clone, Copy, Debug, Enum, Eq, PartialEq)]
enum ViewerKind {
    /// Somebody who did not say who they are.
    Anonymous,
    /// A visitor of `atelier demo`.
    Demo,
    /// Whoever holds an API key.
    Key,
    /// Somebody with a token of the operator's identity provider.
    Person,
    /// A guest, on their own behalf.
    Guest,
    /// Atelier itself; no request comes from it.
    System,
}

/// The guest who is calling, if it is one.
pub(super) fn calling_guest(ctx: &Context<'_>) -> Option<GuestId> {
    ctx.data_unchecked::<Access>().calling_guest()
}

/// Who is calling, as far as the server knows.
#[Object]
impl Viewer {
    /// The name under which the journal keeps what this caller brings about: `key_…` of an API key, `person_…` of
    /// whoever holds a token, the id of a guest, `demo` or `anonymous`.
    async fn actor(&self) -> String {
        self.0.actor().to_string()
    }

    /// As what the caller is known.
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

    /// What the caller may, in one word.
    async fn role(&self) -> Role {
        self.0.role().into()
    }

    /// What a PARTNER may; other roles have no scopes.
    async fn scopes(&self) -> Vec<Scope> {
        self.0.scopes().iter().copied().map(Scope::from).collect()
    }

    /// The centers at which the caller may act, in the order of their ids; null: everywhere.
    #[graphql(complexity = "looked_up(child_complexity)")]
    async fn centers(&self, ctx: &Context<'_>) -> Result<Option<Vec<Center>>> {
        match self.0.reach().centers() {
            Some(ids) => Ok(Some(named(ctx, ids.iter().copied()).await?)),
            None => Ok(None),
        }
    }

    /// The guest who is calling; null when the caller is none.
    #[graphql(complexity = "looked_up(child_complexity)")]
    async fn guest(&self, ctx: &Context<'_>) -> Option<Result<Guest>> {
        let guest = calling_guest(ctx)?;
        Some(Guest::load(ctx, guest.uuid()).await.map_err(Into::into))
    }
}
