//! The subgraph of a federated graph: the queries of an Apollo Federation 2 gateway.
//!
//! async-graphql's own `_entities` is not used. It counts any number of representations as one field, and one
//! representation that does not exist fails all others.

use std::sync::LazyLock;

use async_graphql::{Context, InputValueResult, Object, Result, Scalar, ScalarType, Union, Value};
use futures_util::future::join_all;

use super::{context::loaders, cost::list_cost, counted::Counted, fault::bad_input};
use crate::graphql::schema::types::{
    center::Center, guest::Guest, optional_node, registration::Registration, workshop::Workshop,
};

/// The maximum number of representations in one lookup.
const MAX_REPRESENTATIONS: usize = 1_000;

/// Writes the types that other subgraphs can refer to by `id`, each with its lookup.
macro_rules! entities {
    ($($entity:ident by $loader:ident),+ $(,)?) => {
        /// The types that other subgraphs can refer to.
        const ENTITIES: &[&str] = &[$(stringify!($entity)),+];

        /// An object that other subgraphs can refer to.
        #[derive(Union)]
        #[graphql(name = "_Entity")]
        enum Entity {
            $($entity($entity)),+
        }

        async fn find(ctx: &Context<'_>, representation: &Any) -> Option<Result<Counted<Entity>>> {
            let (type_name, id) = match representation.parts() {
                Ok(parts) => parts,
                Err(message) => return Some(Err(bad_input(message))),
            };
            match type_name {
                $(stringify!($entity) => {
                    optional_node(loaders(ctx).$loader(id.parse().ok()?).await).map(|entity| entity.map(|entity| Counted(Entity::$entity(entity))))
                })+
                _ => Some(Err(bad_input(format!("The `__typename` of a representation must be one of {}.", ENTITIES.join(", "))))),
            }
        }
    };
}

entities! { Workshop by workshop, Guest by guest, Center by center, Registration by registration }

/// A representation.
struct Any(Value);

/// A representation: an object with the `__typename` and the `id` of an entity.
#[Scalar(name = "_Any", specified_by_url = "https://specs.apollo.dev/federation/v2.5")]
impl ScalarType for Any {
    fn parse(value: Value) -> InputValueResult<Self> {
        Ok(Self(value))
    }

    fn to_value(&self) -> Value {
        self.0.clone()
    }
}

impl Any {
    /// Returns the type and the id of the entity.
    fn parts(&self) -> Result<(&str, &str), &'static str> {
        let Value::Object(fields) = &self.0 else { return Err("A representation must be an object.") };
        match (fields.get("__typename"), fields.get("id")) {
            (Some(Value::String(type_name)), Some(Value::String(id))) => Ok((type_name, id)),
            _ => Err("A representation must have a `__typename` and an `id`."),
        }
    }
}

/// The cost of the schema's text: that of its bytes.
const SDL_COST: usize = 1_000;

struct Service;

/// The description of this subgraph.
#[Object(name = "_Service")]
impl Service {
    /// The schema of the subgraph, with the directives of Federation.
    #[graphql(complexity = "SDL_COST")]
    async fn sdl<'ctx>(&self, ctx: &Context<'ctx>) -> &'ctx str {
        let SubgraphSdl(sdl) = ctx.data_unchecked();
        sdl
    }
}

/// The text of the subgraph's schema, printed with the first request for it. It is context data, because the schema
/// refers to these queries.
pub(in crate::graphql) struct SubgraphSdl(pub(in crate::graphql) LazyLock<String>);

#[derive(Default)]
pub(in crate::graphql) struct FederationQueries;

#[Object]
impl FederationQueries {
    /// The entities that other subgraphs refer to, at most 1,000, in the order of the representations. For the gateway of
    /// a federated graph. An entity is null if the id does not exist, and an error if the representation is invalid.
    #[graphql(name = "_entities", complexity = "list_cost(representations.len(), child_complexity)")]
    async fn entities(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The `__typename` and the `id` of each entity.")] representations: Vec<Any>,
    ) -> Result<Vec<Option<Result<Counted<Entity>>>>> {
        if representations.len() > MAX_REPRESENTATIONS {
            let length = representations.len();
            return Err(bad_input(format!(
                "`representations` must have at most {MAX_REPRESENTATIONS} entries; it has {length}."
            )));
        }
        Ok(join_all(representations.iter().map(|representation| find(ctx, representation))).await)
    }

    /// The schema of this subgraph, as `atelier schema --federation` prints it. For the gateway of a federated graph.
    #[graphql(name = "_service")]
    async fn service(&self) -> Counted<Service> {
        Counted(Service)
    }
}

/// Adds the `@key` directives to a schema that was printed for a gateway.
pub(in crate::graphql) fn add_keys(mut sdl: String) -> String {
    for entity in ENTITIES {
        let head = format!("type {entity} implements Node ");
        sdl = sdl.replacen(&head, &format!("{head}@key(fields: \"id\") "), 1);
    }
    sdl
}

#[cfg(test)]
mod tests {
    use super::SDL_COST;
    use crate::graphql::{execution::response_size::BYTES_PER_POINT, subgraph_sdl};

    #[test]
    fn the_schema_costs_what_its_bytes_cost() {
        let cost = subgraph_sdl().len() / BYTES_PER_POINT;
        assert!((SDL_COST / 2..SDL_COST).contains(&cost), "{cost}");
    }
}
