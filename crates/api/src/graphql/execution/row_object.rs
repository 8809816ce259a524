//! Objects whose fields are columns of a row. Columns are resolved at once, and only lookups are awaited.
//!
//! async-graphql boxes a future for every field and joins them all. That suits fields that need a lookup, but for a column
//! it costs more than the value. Nearly all fields of a page are columns.

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
    resolver_utils::Fields,
};
use futures_util::future::{BoxFuture, FutureExt, try_join_all};

use super::{
    counted::Counted,
    response_size::{count, key_size, leaf_size},
    row_budget::{continue_within, count_object},
};

/// An object whose leaf fields are columns.
#[derive(Clone, Debug)]
pub(crate) struct RowObject<T> {
    fields: Counted<T>,
}

/// The fields of an object.
pub(crate) trait NodeFields: ContainerType {
    /// The leaf fields that need a lookup. One that is missing here works, but is resolved twice.
    const LOOKUPS: &'static [&'static str] = &[];
}

impl<T> RowObject<T> {
    pub(in crate::graphql) fn new(fields: T) -> Self {
        Self { fields: Counted(fields) }
    }
}

impl<T> Deref for RowObject<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.fields.0
    }
}

impl<T: NodeFields> OutputType for RowObject<T> {
    fn type_name() -> Cow<'static, str> {
        T::type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        T::create_type_info(registry)
    }

    async fn resolve(&self, ctx: &ContextSelectionSet<'_>, field: &Positioned<Field>) -> ServerResult<Value> {
        match resolve(ctx, &self.fields.0).await? {
            Some(value) => Ok(value),
            // async-graphql resolves fragments, directives and repeated fields.
            // Boxed, because the future of every parent contains this one.
            None => Box::pin(self.fields.resolve(ctx, field)).await,
        }
    }
}

impl<T: NodeFields> ContainerType for RowObject<T> {
    async fn resolve_field(&self, ctx: &Context<'_>) -> ServerResult<Option<Value>> {
        self.fields.resolve_field(ctx).await
    }

    fn collect_all_fields<'a>(&'a self, ctx: &ContextSelectionSet<'a>, fields: &mut Fields<'a>) -> ServerResult<()> {
        self.fields.collect_all_fields(ctx, fields)
    }
}

impl<T: NodeFields + ObjectType> ObjectType for RowObject<T> {}

/// Resolves a selection of plain fields; `None` for any other selection.
async fn resolve<T: NodeFields>(ctx: &ContextSelectionSet<'_>, node: &T) -> ServerResult<Option<Value>> {
    continue_within(ctx).await;
    let items = &ctx.item.node.items;
    let mut values = IndexMap::<Name, Value>::with_capacity(items.len());
    let mut lookups = Vec::new();
    let mut size = 0;
    for item in items {
        let Selection::Field(field) = &item.node else { return Ok(None) };
        if !field.node.directives.is_empty() {
            return Ok(None);
        }
        let name = field.node.name.node.as_str();
        let is_leaf = field.node.selection_set.node.items.is_empty();
        let column = match name {
            "__typename" => Some(Value::String(T::type_name().into_owned())),
            name if is_leaf && !T::LOOKUPS.contains(&name) => resolve_column(node, &ctx.with_field(field))?,
            _ => None,
        };
        size += key_size(&field.node.response_key().node) + column.as_ref().map_or(0, leaf_size);
        let value = column.unwrap_or_else(|| {
            let index = values.len();
            lookups.push(async move { resolve_boxed(node, &ctx.with_field(field)).await.map(|value| (index, value)) });
            Value::Null
        });
        if values.insert(field.node.response_key().node.clone(), value).is_some() {
            return Ok(None);
        }
    }
    // Counted before the lookups, because the columns of all rows are in memory while these wait.
    count_object(ctx, size).await;
    for (index, resolved) in try_join_all(lookups).await? {
        if let Some((_, value)) = values.get_index_mut(index) {
            *value = resolved;
        }
    }
    Ok(Some(Value::Object(values)))
}

/// Polls a field once and returns the value of a column; `None` if the field needs a lookup.
fn resolve_column<T: NodeFields>(node: &T, ctx: &Context<'_>) -> ServerResult<Option<Value>> {
    // Pinned on the stack, because the future of all fields is too large to be moved for each.
    match pin!(node.resolve_field(ctx)).poll(&mut task::Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => Ok(Some(value?.unwrap_or_default())),
        Poll::Pending => Ok(None),
    }
}

/// Resolves a field in a boxed future, because the types of the graph, and so their futures, refer to each other.
fn resolve_boxed<'a, T: NodeFields>(node: &'a T, ctx: &'a Context<'_>) -> BoxFuture<'a, ServerResult<Value>> {
    async {
        let value = node.resolve_field(ctx).await?.unwrap_or_default();
        count(ctx, 0, leaf_size(&value)).await;
        Ok(value)
    }
    .boxed()
}
