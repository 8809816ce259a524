//! Objects that are counted in the size of the response.

use std::borrow::Cow;

use async_graphql::{
    ContainerType, Context, ContextSelectionSet, OutputType, Positioned, ServerResult, Value,
    parser::types::{Field, Selection, SelectionSet},
    registry::Registry,
    resolver_utils::{Fields, resolve_container},
};

use super::{
    response_size::{count, key_size, leaf_size},
    row_budget::count_object,
};

/// An object, an interface or a union that counts itself and its leaves. async-graphql resolves all other parts of a response,
/// and counts nothing.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Counted<T>(pub(in crate::graphql) T);

impl<T: ContainerType> OutputType for Counted<T> {
    fn type_name() -> Cow<'static, str> {
        T::type_name()
    }

    fn introspection_type_name(&self) -> Cow<'static, str> {
        self.0.introspection_type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        T::create_type_info(registry)
    }

    async fn resolve(&self, ctx: &ContextSelectionSet<'_>, _: &Positioned<Field>) -> ServerResult<Value> {
        count_container(ctx).await;
        resolve_container(ctx, self).await
    }
}

impl<T: ContainerType> ContainerType for Counted<T> {
    async fn resolve_field(&self, ctx: &Context<'_>) -> ServerResult<Option<Value>> {
        let value = self.0.resolve_field(ctx).await?;
        count(ctx, 0, value.as_ref().map_or(0, leaf_size)).await;
        Ok(value)
    }

    fn collect_all_fields<'a>(&'a self, ctx: &ContextSelectionSet<'a>, fields: &mut Fields<'a>) -> ServerResult<()> {
        if self.0.introspection_type_name() == T::type_name() {
            fields.add_set(ctx, self)
        } else {
            // An interface does not know all fields of its object.
            self.0.collect_all_fields(ctx, fields)
        }
    }
}

/// Counts an object with the keys of its selection, before its fields are resolved.
pub(in crate::graphql) async fn count_container(ctx: &ContextSelectionSet<'_>) {
    count_object(ctx, selection_size(ctx, ctx.item, 0)).await;
}

/// Counts objects that async-graphql resolves, with the keys of their selection. Each leaf is assumed to have this many
/// bytes, unless it is counted when it is resolved.
pub(in crate::graphql) async fn count_objects(ctx: &ContextSelectionSet<'_>, objects: usize, leaf_bytes: usize) {
    count(ctx, objects, objects.saturating_mul(selection_size(ctx, ctx.item, leaf_bytes))).await;
}

/// Returns the bytes of an object with this selection, without the objects in it.
fn selection_size(ctx: &ContextSelectionSet<'_>, set: &Positioned<SelectionSet>, leaf_bytes: usize) -> usize {
    let sizes = set.node.items.iter().map(|item| match &item.node {
        Selection::Field(field) => {
            let is_leaf = field.node.selection_set.node.items.is_empty();
            key_size(&field.node.response_key().node) + if is_leaf { leaf_bytes } else { 0 }
        }
        Selection::InlineFragment(fragment) => selection_size(ctx, &fragment.node.selection_set, leaf_bytes),
        Selection::FragmentSpread(spread) => ctx
            .query_env
            .fragments
            .get(&spread.node.fragment_name.node)
            .map_or(0, |fragment| selection_size(ctx, &fragment.node.selection_set, leaf_bytes)),
    });
    sizes.sum()
}
