//! Permission to do something, as resolvers ask for it.

use async_graphql::{Context, Error, ErrorExtensions, Result};
use domain::access::{Access, Denied, GuestVisibility, Permission, Permit, Visibility};

use crate::graphql::Code;

/// Permission for the caller to do this kind of thing.
pub(in crate::graphql) fn permit<D: Permission>(ctx: &Context<'_>) -> Result<Permit<D>> {
    ctx.data_unchecked::<Access>().permit().map_err(refusal)
}

/// There is somebody of these whom the caller may see. It would be told nobody otherwise; that it may not is better.
pub(in crate::graphql) fn ensure_sees_guests(
    ctx: &Context<'_>,
    whom: fn(&Visibility) -> &GuestVisibility,
) -> Result<()> {
    ctx.data_unchecked::<Access>().ensure_sees_guests(whom).map_err(refusal)
}

/// What a caller is told who may not do something, or not see it.
pub(in crate::graphql) fn refusal(denied: Denied) -> Error {
    let (code, message) = match denied {
        Denied::Unauthenticated => (Code::Unauthenticated, "Say who you are: send an API key or a token."),
        Denied::Forbidden => (Code::Forbidden, "You may not do this."),
    };
    Error::new(message).extend_with(|_, extensions| extensions.set("code", code.name()))
}
