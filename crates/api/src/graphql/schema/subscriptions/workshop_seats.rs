use std::sync::Arc;

use async_graphql::{Context, ID, Result, Subscription};
use futures_util::{Stream, stream};
use persistence::{Store, View};

use crate::graphql::{
    execution::{
        admission::stands,
        fault::{Fault, bad_input},
    },
    schema::types::seats::WorkshopSeats,
};

#[derive(Default)]
pub(super) struct SeatsSubscription;

#[Subscription]
impl SeatsSubscription {
    /// The seats of one workshop: first as they are now, then after each change. A slow client receives only the newest
    /// of several changes. An id that does not exist is refused with `BAD_USER_INPUT`.
    async fn workshop_seats(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The workshop, `wks_…`.")] workshop_id: ID,
    ) -> Result<impl Stream<Item = WorkshopSeats> + use<>> {
        let unknown = || bad_input("`workshopId` names no workshop.");
        let workshop = workshop_id.parse().map_err(|_| unknown())?;
        let (store, view) = (ctx.data_unchecked::<Arc<Store>>(), ctx.data_unchecked::<Arc<View>>());
        let watching = store.watch_seats(view, workshop).await.map_err(Fault::from)?.ok_or_else(unknown)?;
        stands(ctx);
        Ok(stream::unfold(watching, async |mut watching| {
            let seats = watching.next().await?;
            Some((WorkshopSeats(seats), watching))
        }))
    }
}
