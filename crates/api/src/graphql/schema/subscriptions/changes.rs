use async_graphql::{Context, Result, Subscription};
use domain::access::Visibility;
use futures_util::{Stream, StreamExt, future::Either, stream};
use persistence::{AS_COMMITTED, OrderField, View};

use crate::graphql::{
    execution::{
        admission::release_permit,
        context::{store, view},
        fault::{Fault, bad_input},
    },
    schema::{field_access::ensure_sees_guests, filter::ChangeFilter, types::change::Change},
};

#[derive(Default)]
pub(super) struct ChangeSubscription;

#[Subscription]
impl ChangeSubscription {
    /// The journal as it grows, in the order of the query `changes`: every change after the cursor, then each new
    /// change. After a lost connection, resume with the `cursor` of the last change received: no change is skipped or
    /// repeated. Without a cursor, only new changes are sent.
    async fn changes(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "Sends only changes after this cursor, taken from `Change.cursor` or from the query `changes`."
        )]
        after: Option<String>,
        #[graphql(desc = "The conditions for entries. Omitted or null: all entries.")] filter: Option<ChangeFilter>,
    ) -> Result<impl Stream<Item = Result<Change>> + use<>> {
        ensure_sees_guests(ctx, Visibility::registrations)?;
        let after = after.map(|text| AS_COMMITTED.by.cursor(&text)).transpose();
        let after = after.map_err(|_| bad_input("`after` is not a cursor of the journal."))?;
        // A filter that matches nothing needs no follower.
        let Some(filter) = filter.unwrap_or_default().parse() else {
            release_permit(ctx);
            return Ok(Either::Left(stream::pending()));
        };
        let (store, view) = (store(ctx), view(ctx));
        let changes = store.follow_changes(View::clone(view), after, filter).await.map_err(Fault::from)?;
        release_permit(ctx);
        Ok(Either::Right(changes.map(|change| Ok(Change::from(change.map_err(Fault::from)?)))))
    }
}
