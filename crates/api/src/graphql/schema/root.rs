//! The root types as the schema publishes them: the description of each field ends with the roles that can use it.

use std::{borrow::Cow, pin::Pin};

use async_graphql::{
    ContainerType, Context, ContextSelectionSet, ObjectType, OutputType, Positioned, Response, ServerResult,
    SubscriptionType, Value,
    parser::types::Field,
    registry::{MetaType, Registry},
    resolver_utils::Fields,
};
use futures_util::Stream;

use super::roles::root_field;
use crate::graphql::write_cost;

/// A root type. It resolves as `T` does.
#[derive(Default)]
pub(crate) struct Root<T>(T);

/// The name of the root type of mutations.
const MUTATION: &str = "Mutation";

/// Gives every mutation the cost of a write, unless it has a cost of its own.
fn price_writes(registry: &mut Registry) {
    let Some(MetaType::Object { fields, .. }) = registry.types.get_mut(MUTATION) else { return };
    for field in fields.values_mut() {
        field.compute_complexity.get_or_insert(|_, _, _, selected| Ok(write_cost(selected)));
    }
}

/// Appends to the descriptions of a root type's fields who can use them. The table of roles is the only source.
fn describe_access(registry: &mut Registry, type_name: &str) {
    let Some(MetaType::Object { fields, .. }) = registry.types.get_mut(type_name) else { return };
    for field in fields.values_mut() {
        if let Some(sentence) = root_field(&field.name).and_then(|field| field.access.sentence()) {
            let description = field.description.take().unwrap_or_default();
            field.description = Some(format!("{description}\n{sentence}").trim().to_owned());
        }
    }
}

impl<T: OutputType> OutputType for Root<T> {
    fn type_name() -> Cow<'static, str> {
        T::type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        let name = T::create_type_info(registry);
        describe_access(registry, &T::type_name());
        if T::type_name() == MUTATION {
            price_writes(registry);
        }
        name
    }

    async fn resolve(&self, ctx: &ContextSelectionSet<'_>, field: &Positioned<Field>) -> ServerResult<Value> {
        self.0.resolve(ctx, field).await
    }
}

impl<T: ContainerType> ContainerType for Root<T> {
    async fn resolve_field(&self, ctx: &Context<'_>) -> ServerResult<Option<Value>> {
        self.0.resolve_field(ctx).await
    }

    fn collect_all_fields<'a>(&'a self, ctx: &ContextSelectionSet<'a>, fields: &mut Fields<'a>) -> ServerResult<()> {
        self.0.collect_all_fields(ctx, fields)
    }

    async fn find_entity(&self, ctx: &Context<'_>, parameters: &Value) -> ServerResult<Option<Value>> {
        self.0.find_entity(ctx, parameters).await
    }
}

impl<T: ObjectType> ObjectType for Root<T> {}

impl<T: SubscriptionType> SubscriptionType for Root<T> {
    fn type_name() -> Cow<'static, str> {
        T::type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        let name = T::create_type_info(registry);
        describe_access(registry, &T::type_name());
        name
    }

    fn create_field_stream<'a>(
        &'a self,
        ctx: &'a Context<'_>,
    ) -> Option<Pin<Box<dyn Stream<Item = Response> + Send + 'a>>> {
        self.0.create_field_stream(ctx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graphql::schema::mutations::Mutation;

    #[test]
    fn every_mutation_costs_more_than_a_field() {
        let mut registry = Registry::default();
        Root::<Mutation>::create_type_info(&mut registry);
        let MetaType::Object { fields, .. } = &registry.types[MUTATION] else { panic!("an object type") };
        assert!(fields.len() > 20);
        for field in fields.values() {
            assert!(field.compute_complexity.is_some(), "{}", field.name);
        }
    }
}
