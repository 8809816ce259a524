use async_graphql::{Context, Enum, Object, Result};
use domain::{Actor, GuestId, access::Access};

use super::guest::Guest;
use crate::graphql::cost::looked_up;

/// Who is calling.
pub(crate) struct Viewer(pub(in crate::graphql) Access);

/// As what somebody is calling.
#[derive(Clone, Copy, Debug, Enum, Eq, PartialEq)]
enum ViewerKind {
    /// Nobody was asked who they are.
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
    /// The name under which the journal keeps what this caller brings about: the id of a guest, `demo` or `anonymous`.
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

    /// The guest who is calling; null when the caller is none.
    #[graphql(complexity = "looked_up(child_complexity)")]
    async fn guest(&self, ctx: &Context<'_>) -> Option<Result<Guest>> {
        let guest = calling_guest(ctx)?;
        Some(Guest::load(ctx, guest.uuid()).await.map_err(Into::into))
    }
}
