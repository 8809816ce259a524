use async_graphql::{Context, Result, Subscription};
use domain::access::Visibility;
use futures_util::{FutureExt, Stream, StreamExt, TryStreamExt, stream};
use persistence::{AS_COMMITTED, View};

use crate::{
    graphql::{
        execution::{
            context::{store, view},
            cost::{list_cost, lookup_cost},
            events::{Event, current_event, start_source},
            fault::{Fault, bad_input},
        },
        schema::{
            connection::parse_cursor, field_access::ensure_sees_guests, filter::ChangeFilter, types::change::Change,
        },
    },
    rate_limit::CostBudget,
};

#[derive(Default)]
pub(super) struct ChangeSubscription;

#[Subscription]
impl ChangeSubscription {
    /// The journal as it grows, in the order of the query `changes`: every change after the cursor, then each new
    /// change. After a lost connection, resume with the `cursor` of the last change received: no change is skipped or
    /// repeated. Without a cursor, only new changes are sent. If a change cannot be sent, the subscription ends with the
    /// error. Each change costs as much as its selected fields.
    #[graphql(complexity = "lookup_cost(child_complexity)")]
    async fn changes(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "Sends only changes after this cursor, taken from `Change.cursor` or from the query `changes`."
        )]
        after: Option<String>,
        #[graphql(desc = "The conditions for entries. Omitted or null: all entries.")] filter: Option<ChangeFilter>,
    ) -> Result<impl Stream<Item = Change> + use<>> {
        if let Some(Event::Change(change)) = current_event(ctx) {
            return Ok(stream::iter(Some(change.clone().into())));
        }
        ensure_sees_guests(ctx, Visibility::registrations)?;
        let after =
            parse_cursor(after, AS_COMMITTED.by).map_err(|_| bad_input("`after` is not a cursor of the journal."))?;
        // A filter that matches nothing needs no follower.
        let Some(filter) = filter.unwrap_or_default().parse() else {
            start_source(ctx, stream::pending().boxed());
            return Ok(stream::iter(None));
        };
        let budget = ctx.data_unchecked::<CostBudget>().clone();
        let before_reading = move |entries| {
            let budget = budget.clone();
            async move { budget.charge_when_possible(list_cost(entries, 1)).await }.boxed()
        };
        let changes = store(ctx).follow_changes(View::clone(view(ctx)), after, filter, before_reading);
        start_source(ctx, changes.await.map_err(Fault::from)?.map_ok(Event::Change).boxed());
        Ok(stream::iter(None))
    }
}
