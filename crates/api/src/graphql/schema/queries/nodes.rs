use async_graphql::{Context, ID, Object, Result};
use domain::{NodeId, access::Access};
use futures_util::future::join_all;

use crate::graphql::{
    execution::{
        cost::{each, looked_up},
        fault::{Fault, bad_input},
        loaders::Loaders,
    },
    schema::types::Node,
    store,
};

/// The most ids of one look-up.
const MOST: usize = 100;

#[derive(Default)]
pub(super) struct NodeQueries;

#[Object]
impl NodeQueries {
    /// Whatever has this id; null when nothing has it.
    #[graphql(complexity = "looked_up(child_complexity)")]
    async fn node(&self, ctx: &Context<'_>, #[graphql(desc = "The id of anything.")] id: ID) -> Option<Result<Node>> {
        find(ctx, &id).await.map_err(Into::into).transpose()
    }

    /// Whatever has these ids, in their order, at most 100; null where nothing has it.
    #[graphql(complexity = "each(ids.len(), child_complexity)")]
    async fn nodes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The ids of anything.")] ids: Vec<ID>,
    ) -> Result<Vec<Option<Result<Node>>>> {
        if ids.len() > MOST {
            return Err(bad_input(format!("`ids` has at most {MOST} ids, and had {}.", ids.len())));
        }
        let found = join_all(ids.iter().map(|id| find(ctx, id))).await;
        Ok(found.into_iter().map(|node| node.map_err(Into::into).transpose()).collect())
    }
}

async fn find(ctx: &Context<'_>, id: &str) -> Result<Option<Node>, Fault> {
    let loaders = ctx.data_unchecked::<Loaders>();
    let Some(id) = NodeId::parse(id) else { return Ok(None) };
    Ok(match id {
        NodeId::Workshop(id) => loaders.workshop(id).await?.map(|row| Node::Workshop(row.into())),
        NodeId::Track(id) => loaders.track(id).await?.map(|row| Node::Track(row.into())),
        NodeId::Session(id) => loaders.session(id).await?.map(|row| Node::Session(row.into())),
        NodeId::Center(id) => loaders.center(id).await?.map(|row| Node::Center(row.into())),
        NodeId::Guest(id) => loaders.guest(id).await?.map(|row| Node::Guest(row.into())),
        NodeId::Change(id) => loaders.change(id).await?.map(|row| Node::Change(row.into())),
        // Whoever may not see keys is not told whether there is one.
        NodeId::ApiKey(id) => match ctx.data_unchecked::<Access>().permit() {
            Ok(permit) => store(ctx).api_key(id, &permit).await?.map(|row| Node::ApiKey(row.into())),
            Err(_) => None,
        },
        NodeId::Registration(id) => loaders.registration(id).await?.map(|row| Node::Registration(row.into())),
    })
}
