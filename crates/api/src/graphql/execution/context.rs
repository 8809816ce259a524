use std::sync::Arc;

use async_graphql::Context;
use domain::{Timestamp, access::Access};
use persistence::{Store, View};

use super::loaders::{Loaders, Lookups};

/// Returns what the caller has access to.
pub(in crate::graphql) fn access<'a>(ctx: &Context<'a>) -> &'a Access {
    ctx.data_unchecked::<Access>()
}

/// Returns the store, for commands and for queries that need a permission.
pub(in crate::graphql) fn store<'a>(ctx: &Context<'a>) -> &'a Store {
    ctx.data_unchecked::<Arc<Store>>()
}

/// Returns the view, which contains only rows that the caller can see.
pub(in crate::graphql) fn view<'a>(ctx: &Context<'a>) -> &'a View {
    ctx.data_unchecked::<Arc<View>>()
}

/// Returns the lookups in the view, which are batched.
pub(in crate::graphql) fn loaders<'a>(ctx: &Context<'a>) -> Lookups<'a> {
    Lookups { loaders: ctx.data_unchecked::<Loaders>(), budget: ctx.data_unchecked() }
}

/// Returns the current time of the store's clock.
pub(in crate::graphql) fn now(ctx: &Context<'_>) -> Timestamp {
    store(ctx).clock().now()
}
