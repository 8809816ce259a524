use async_graphql::{Context, ID, Result, Subscription};
use futures_util::{Stream, StreamExt, stream};

use crate::graphql::{
    execution::{
        context::{store, view},
        cost::lookup_cost,
        events::{Event, current_event, start_source},
        fault::{Fault, bad_input},
    },
    schema::types::seats::WorkshopSeats,
};

#[derive(Default)]
pub(super) struct SeatsSubscription;

#[Subscription]
impl SeatsSubscription {
    /// The seats of one workshop: first as they are now, then after each change. A slow client receives only the newest
    /// of several changes. An id that does not exist is refused with `BAD_USER_INPUT`. If the caller can no longer see
    /// the workshop, the subscription completes. Each event costs as much as its selected fields.
    #[graphql(complexity = "lookup_cost(child_complexity)")]
    async fn workshop_seats(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The workshop, `wks_…`.")] workshop_id: ID,
    ) -> Result<impl Stream<Item = WorkshopSeats> + use<>> {
        if let Some(Event::Seats(seats)) = current_event(ctx) {
            return Ok(stream::iter(Some(WorkshopSeats(seats.clone()))));
        }
        let unknown = || bad_input("`workshopId` is not the id of a workshop.");
        let workshop = workshop_id.parse().map_err(|_| unknown())?;
        let updates = store(ctx).watch_seats(view(ctx), workshop).await.map_err(Fault::from)?.ok_or_else(unknown)?;
        let events = stream::try_unfold(updates, async |mut updates| {
            Ok(updates.next().await?.map(|seats| (Event::Seats(seats), updates)))
        });
        start_source(ctx, events.boxed());
        Ok(stream::iter(None))
    }
}
