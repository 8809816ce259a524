use async_graphql::{Context, ID, Object, Result, SimpleObject};
use domain::{
    SessionId,
    commands::cancel_session::{CancelSession, CancelSessionRefusal},
    problems::SessionInvalid,
};

use super::{command_context, edit_workshop, payload, promoted};
use crate::graphql::{
    execution::cost::{PROMOTED, list_cost},
    schema::types::{registration::Registration, session::Session},
};

/// The session was cancelled.
#[derive(SimpleObject)]
pub(crate) struct CancelSessionSuccess {
    /// The session.
    session: Session,
    /// The registrations that got a seat from the waitlist in the same transaction, in the order of the waitlist.
    /// Guests are promoted only if the workshop has not started after this change.
    #[graphql(complexity = "list_cost(PROMOTED, child_complexity)")]
    promoted: Vec<Registration>,
}

payload! {
    /// The cancelled session with the promoted registrations, or the first problem found. Problems are checked in the
    /// listed order, a reused idempotency key right after the input.
    CancelSessionResult = CancelSessionSuccess or CancelSessionRefusal {
        SessionInvalid, WorkshopNotEditable,
        IdempotencyKeyReused,
    }
}

#[derive(Default)]
pub(super) struct CancelSessionMutation;

#[Object]
impl CancelSessionMutation {
    /// Cancels one session. Registrations do not change. The remaining sessions determine when the track and the
    /// workshop start and end. If the workshop has not started after this change, free seats go to the first guests on
    /// the waitlist in the same transaction. Cancelling twice has the same effect as cancelling once.
    async fn cancel_session(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The session, `ses_…`.")] session_id: ID,
        #[graphql(
            desc = "Makes a retry safe: the same key with the same input returns the first success again, for 24 hours."
        )]
        idempotency_key: Option<String>,
    ) -> Result<CancelSessionResult> {
        let context = command_context(ctx, idempotency_key.as_deref())?;
        let session: Option<SessionId> = session_id.parse().ok();
        let edited = match edit_workshop(ctx, CancelSession { session }, context).await? {
            Ok(edited) => edited,
            Err(refusal) => return Ok(refusal.into()),
        };
        let session = match session {
            Some(id) => Session::find(ctx, id).await?,
            None => None,
        };
        // The session can have been removed with its track before a retry.
        let Some(session) = session else { return Ok(CancelSessionRefusal::from(SessionInvalid).into()) };
        Ok(CancelSessionSuccess { session, promoted: promoted(ctx, &edited.promoted).await? }.into())
    }
}
