//! Permission checks for resolvers.

use async_graphql::{Context, Error, ErrorExtensions, Result};
use domain::access::{Access, Denied, GuestVisibility, Permission, Permit, Visibility};

use crate::graphql::Code;

/// The caller's permit, if the caller has the permission.
pub(in crate::graphql) fn permit<P: Permission>(ctx: &Context<'_>) -> Result<Permit<P>> {
    ctx.data_unchecked::<Access>().permit().map_err(access_error)
}

/// Refuses a caller who cannot see any guest: an error is more helpful than an empty list.
pub(in crate::graphql) fn ensure_sees_guests(
    ctx: &Context<'_>,
    visible: fn(&Visibility) -> &GuestVisibility,
) -> Result<()> {
    ctx.data_unchecked::<Access>().ensure_sees_guests(visible).map_err(access_error)
}

/// The error for a caller without access.
pub(in crate::graphql) fn access_error(denied: Denied) -> Error {
    let (code, message) = match denied {
        Denied::Unauthenticated => (Code::Unauthenticated, "Send an API key or a token to use this field."),
        Denied::Forbidden => (Code::Forbidden, "Your role does not allow this."),
    };
    Error::new(message).extend_with(|_, extensions| extensions.set("code", code.name()))
}
