//! The subgraph of a federated graph: the queries of an Apollo Federation 2 gateway.
//!
//! async-graphql's own `_entities` is not used. It counts any number of representations as one field, and one
//! representation that does not exist fails all others.

use async_graphql::{Context, InputValueResult, Object, Result, Scalar, ScalarType, SimpleObject, Union, Value};
use futures_util::future::join_all;

use super::{context::loaders, cost::list_cost, fault::bad_input};
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

        async fn find(ctx: &Context<'_>, representation: &Any) -> Option<Result<Entity>> {
            let (type_name, id) = match representation.parts() {
                Ok(parts) => parts,
                Err(message) => return Some(Err(bad_input(message))),
            };
            match type_name {
                $(stringify!($entity) => {
                    optional_node(loaders(ctx).$loader(id.parse().ok()?).await).map(|entity| entity.map(Entity::$entity))
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

/// The description of this subgraph.
#[derive(SimpleObject)]
#[graphql(name = "_Service")]
struct Service {
    /// The schema of the subgraph, with the directives of Federation.
    sdl: String,
}

/// The text of the subgraph's schema. It is context data, because the schema refers to these queries.
pub(in crate::graphql) struct SubgraphSdl(pub(in crate::graphql) fn() -> String);

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
    ) -> Result<Vec<Option<Result<Entity>>>> {
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
    async fn service(&self, ctx: &Context<'_>) -> Service {
        let SubgraphSdl(sdl) = ctx.data_unchecked();
        Service { sdl: sdl() }
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
