//! The graph as a part of a federated one: what the gateway of Apollo Federation 2 asks a subgraph.
//!
//! async-graphql has a `_entities` of its own, which is not used: it counts any number of representations as one field,
//! and one that names nothing takes all others with it.

use async_graphql::{Context, InputValueResult, Object, Result, Scalar, ScalarType, SimpleObject, Union, Value};
use futures_util::future::join_all;

use super::{cost::each, fault::bad_input, loaders::Loaders};
use crate::graphql::schema::{
    queries::found,
    types::{center::Center, guest::Guest, registration::Registration, workshop::Workshop},
};

/// The most representations of one look-up.
const MOST: usize = 1_000;

/// Writes what other subgraphs can refer to by `id`, each with its look-up.
macro_rules! entities {
    ($($entity:ident by $look_up:ident),+ $(,)?) => {
        /// What other subgraphs can refer to by `id`.
        const ENTITIES: &[&str] = &[$(stringify!($entity)),+];

        /// What other subgraphs can refer to.
        #[derive(Union)]
        #[graphql(name = "_Entity")]
        enum Entity {
            $($entity($entity)),+
        }

        async fn find(ctx: &Context<'_>, representation: &Any) -> Option<Result<Entity>> {
            let (kind, id) = match representation.read() {
                Ok(read) => read,
                Err(sentence) => return Some(Err(bad_input(sentence))),
            };
            let loaders = ctx.data_unchecked::<Loaders>();
            match kind {
                $(stringify!($entity) => {
                    found(loaders.$look_up(id.parse().ok()?).await).map(|entity| entity.map(Entity::$entity))
                })+
                _ => Some(Err(bad_input(format!("A representation is of one of {}.", ENTITIES.join(", "))))),
            }
        }
    };
}

entities! { Workshop by workshop, Guest by guest, Center by center, Registration by registration }

/// What another subgraph knows of something.
struct Any(Value);

/// What another subgraph knows of something: an object with its `__typename` and its `id`.
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
    /// Its type and its id.
    fn read(&self) -> Result<(&str, &str), &'static str> {
        let Value::Object(fields) = &self.0 else { return Err("A representation is an object.") };
        match (fields.get("__typename"), fields.get("id")) {
            (Some(Value::String(kind)), Some(Value::String(id))) => Ok((kind, id)),
            _ => Err("A representation has a `__typename` and an `id`."),
        }
    }
}

/// The subgraph about itself.
#[derive(SimpleObject)]
#[graphql(name = "_Service")]
struct Service {
    /// The schema of the subgraph, with the directives of Federation.
    sdl: String,
}

#[derive(Default)]
pub(in crate::graphql) struct FederationQueries;

#[Object]
impl FederationQueries {
    /// For the gateway of a federated graph: the things that other subgraphs refer to, in their order; null where
    /// nothing has the id, and an error where a representation makes no sense. At most 1,000.
    #[graphql(name = "_entities", complexity = "each(representations.len(), child_complexity)")]
    async fn entities(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is known of each: its `__typename` and its `id`.")] representations: Vec<Any>,
    ) -> Result<Vec<Option<Result<Entity>>>> {
        if representations.len() > MOST {
            let many = representations.len();
            return Err(bad_input(format!("`representations` has at most {MOST}, and had {many}.")));
        }
        Ok(join_all(representations.iter().map(|representation| find(ctx, representation))).await)
    }

    /// For the gateway of a federated graph: this subgraph, as `atelier schema --federation` prints it.
    #[graphql(name = "_service")]
    async fn service(&self) -> Service {
        Service { sdl: crate::graphql::subgraph_sdl() }
    }
}

/// Adds the keys to a schema that was printed for a gateway.
pub(in crate::graphql) fn annotate(mut sdl: String) -> String {
    for entity in ENTITIES {
        let head = format!("type {entity} implements Node ");
        sdl = sdl.replacen(&head, &format!("{head}@key(fields: \"id\") "), 1);
    }
    sdl
}
