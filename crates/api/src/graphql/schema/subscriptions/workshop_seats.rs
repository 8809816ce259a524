use async_graphql::{Context, ID, Result, Subscription};
use futures_util::{Stream, stream};

use crate::graphql::{
    execution::{
        admission::release_permit,
        context::{store, view},
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
        let unknown = || bad_input("`workshopId` is not the id of a workshop.");
        let workshop = workshop_id.parse().map_err(|_| unknown())?;
        let (store, view) = (store(ctx), view(ctx));
        let updates = store.watch_seats(view, workshop).await.map_err(Fault::from)?.ok_or_else(unknown)?;
        release_permit(ctx);
        Ok(stream::unfold(updates, async |mut updates| {
            let seats = updates.next().await?;
            Some((WorkshopSeats(seats), updates))
        }))
    }
}
