use async_graphql::{Context, ID, Object, Result};
use domain::NodeId;
use futures_util::future::join_all;

use crate::graphql::{
    execution::{
        context::{access, loaders, store},
        cost::{list_cost, lookup_cost},
        counted::Counted,
        fault::{Fault, bad_input},
    },
    schema::types::Node,
};

/// The largest number of ids in one lookup.
const MAX_IDS: usize = 100;

#[derive(Default)]
pub(super) struct NodeQueries;

#[Object]
impl NodeQueries {
    /// The object with this id; null if it does not exist.
    #[graphql(complexity = "lookup_cost(child_complexity)")]
    async fn node(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The id of any object.")] id: ID,
    ) -> Option<Result<Counted<Node>>> {
        find(ctx, &id).await.map_err(Into::into).transpose()
    }

    /// The objects with these ids, at most 100, in the order of the ids; null for an id that does not exist.
    #[graphql(complexity = "list_cost(ids.len(), child_complexity)")]
    async fn nodes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The ids of any objects.")] ids: Vec<ID>,
    ) -> Result<Vec<Option<Result<Counted<Node>>>>> {
        if ids.len() > MAX_IDS {
            return Err(bad_input(format!("`ids` must have at most {MAX_IDS} ids; it has {}.", ids.len())));
        }
        let found = join_all(ids.iter().map(|id| find(ctx, id))).await;
        Ok(found.into_iter().map(|node| node.map_err(Into::into).transpose()).collect())
    }
}

async fn find(ctx: &Context<'_>, id: &str) -> Result<Option<Counted<Node>>, Fault> {
    let loaders = loaders(ctx);
    let Some(id) = NodeId::parse(id) else { return Ok(None) };
    let node = match id {
        NodeId::Workshop(id) => loaders.workshop(id).await?.map(|row| Node::Workshop(row.into())),
        NodeId::Track(id) => loaders.track(id).await?.map(|row| Node::Track(row.into())),
        NodeId::Session(id) => loaders.session(id).await?.map(|row| Node::Session(row.into())),
        NodeId::Center(id) => loaders.center(id).await?.map(|row| Node::Center(row.into())),
        NodeId::Guest(id) => loaders.guest(id).await?.map(|row| Node::Guest(row.into())),
        NodeId::Change(id) => loaders.change(id).await?.map(|row| Node::Change(row.into())),
        // A caller who cannot see API keys gets the same answer for every id.
        NodeId::ApiKey(id) => match access(ctx).permit() {
            Ok(permit) => store(ctx).api_key(id, &permit).await?.map(|row| Node::ApiKey(row.into())),
            Err(_) => None,
        },
        NodeId::Registration(id) => loaders.registration(id).await?.map(|row| Node::Registration(row.into())),
    };
    Ok(node.map(Counted))
}
