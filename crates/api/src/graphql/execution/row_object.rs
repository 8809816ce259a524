//! Things that resolve swiftly: what a row holds is answered at once, and only the rest is waited for.
//!
//! async-graphql makes a boxed future of every field and joins them all, which is right for fields that look something up
//! and costs more than the answer for those that name a column. Of a page, nearly all are such.

use std::{
    borrow::Cow,
    ops::Deref,
    pin::pin,
    task::{self, Poll, Waker},
};

use async_graphql::{
    ContainerType, Context, ContextSelectionSet, Name, ObjectType, OutputType, Positioned, ServerResult, Value,
    indexmap::IndexMap,
    parser::types::{Field, Selection},
    registry::Registry,
    resolver_utils::{Fields, resolve_container},
};
use futures_util::future::{BoxFuture, FutureExt, try_join_all};

/// A thing of the graph whose leaves are columns.
#[derive(Clone, Debug)]
pub(crate) struct RowObject<T> {
    thing: T,
}

/// Tells which leaves of a thing are no columns.
pub(crate) trait NodeFields: ContainerType {
    /// Leaves that are looked up; one that is not named here is begun twice.
    const LOOKED_UP: &'static [&'static str] = &[];
}

impl<T> RowObject<T> {
    pub(in crate::graphql) fn new(thing: T) -> Self {
        Self { thing }
    }
}

impl<T> Deref for RowObject<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.thing
    }
}

impl<T: NodeFields> OutputType for RowObject<T> {
    fn type_name() -> Cow<'static, str> {
        T::type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        T::create_type_info(registry)
    }

    async fn resolve(&self, ctx: &ContextSelectionSet<'_>, _: &Positioned<Field>) -> ServerResult<Value> {
        match resolve(ctx, &self.thing).await? {
            Some(value) => Ok(value),
            // Fragments, directives and fields that are named twice are the library's own business.
            None => resolve_container(ctx, &self.thing).await,
        }
    }
}

impl<T: NodeFields> ContainerType for RowObject<T> {
    async fn resolve_field(&self, ctx: &Context<'_>) -> ServerResult<Option<Value>> {
        self.thing.resolve_field(ctx).await
    }

    fn collect_all_fields<'a>(&'a self, ctx: &ContextSelectionSet<'a>, fields: &mut Fields<'a>) -> ServerResult<()> {
        self.thing.collect_all_fields(ctx, fields)
    }
}

impl<T: NodeFields + ObjectType> ObjectType for RowObject<T> {}

/// What is selected of a thing; `None` where more is selected than plain fields.
async fn resolve<T: NodeFields>(ctx: &ContextSelectionSet<'_>, thing: &T) -> ServerResult<Option<Value>> {
    let items = &ctx.item.node.items;
    let mut values = IndexMap::<Name, Value>::with_capacity(items.len());
    let mut looked_up = Vec::new();
    for item in items {
        let Selection::Field(field) = &item.node else { return Ok(None) };
        if !field.node.directives.is_empty() {
            return Ok(None);
        }
        let name = field.node.name.node.as_str();
        let is_leaf = field.node.selection_set.node.items.is_empty();
        let column = match name {
            "__typename" => Some(Value::String(T::type_name().into_owned())),
            name if is_leaf && !T::LOOKED_UP.contains(&name) => column(thing, &ctx.with_field(field))?,
            _ => None,
        };
        let value = column.unwrap_or_else(|| {
            let at = values.len();
            looked_up.push(async move { boxed(thing, &ctx.with_field(field)).await.map(|found| (at, found)) });
            Value::Null
        });
        if values.insert(field.node.response_key().node.clone(), value).is_some() {
            return Ok(None);
        }
    }
    for (at, found) in try_join_all(looked_up).await? {
        if let Some((_, value)) = values.get_index_mut(at) {
            *value = found;
        }
    }
    Ok(Some(Value::Object(values)))
}

/// What a column holds, without a task to come back to; `None`: it was none, and is looked up.
fn column<T: NodeFields>(thing: &T, ctx: &Context<'_>) -> ServerResult<Option<Value>> {
    // In its place: the future of all fields of a thing is too large to be moved for each.
    match pin!(thing.resolve_field(ctx)).poll(&mut task::Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => Ok(Some(value?.unwrap_or_default())),
        Poll::Pending => Ok(None),
    }
}

/// Boxed, for things refer to each other, and so do the types of their futures.
fn boxed<'a, T: NodeFields>(thing: &'a T, ctx: &'a Context<'_>) -> BoxFuture<'a, ServerResult<Value>> {
    async { Ok(thing.resolve_field(ctx).await?.unwrap_or_default()) }.boxed()
}
