//! Whether the caller may: leave to do a thing, or the error that says why not.

use async_graphql::{Context, Error, ErrorExtensions, Result};
use domain::access::{Access, Denied, Duty, Permit};

use super::Code;

/// Leave of the caller to do this.
pub(super) fn permit<D: Duty>(ctx: &Context<'_>) -> Result<Permit<D>> {
    ctx.data_unchecked::<Access>().permit().map_err(denied)
}

/// What somebody is told who may not.
pub(super) fn denied(denied: Denied) -> Error {
    let (code, message) = match denied {
        Denied::Unauthenticated => (Code::Unauthenticated, "Say who you are: send an API key or a token."),
        Denied::Forbidden => (Code::Forbidden, "You may not do this."),
    };
    Error::new(message).extend_with(|_, extensions| extensions.set("code", code.name()))
}
