use async_graphql::{Context, ID, Object, Result};
use domain::{
    SessionId,
    commands::cancel_session::{CancelSession, CancelSessionRefusal},
    problems::SessionInvalid,
};

use super::{caller, edit, payload};
use crate::graphql::types::session::Session;

payload! {
    /// The session, cancelled, or the problem that stands in the way, in the order in which they are checked.
    CancelSessionResult = Session or CancelSessionRefusal {
        SessionInvalid, WorkshopNotEditable,
        IdempotencyKeyReused,
    }
}

#[derive(Default)]
pub(super) struct CancelSessionMutation;

#[Object]
impl CancelSessionMutation {
    /// Calls one session off. Whoever has registered stays registered; when the track and the workshop start and end is
    /// said by the sessions that are left. Cancelling twice is the same as cancelling once.
    async fn cancel_session(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The session, `ses_…`.")] session_id: ID,
        #[graphql(
            desc = "Makes a retry safe: the same key with the same input answers with the first success again, for 24 hours."
        )]
        idempotency_key: Option<String>,
    ) -> Result<CancelSessionResult> {
        let caller = caller(ctx, idempotency_key.as_deref())?;
        let session: Option<SessionId> = session_id.parse().ok();
        if let Err(refusal) = edit(ctx, CancelSession { session }, caller).await? {
            return Ok(refusal.into());
        }
        let session = match session {
            Some(id) => Session::find(ctx, id).await?,
            None => None,
        };
        // A retry may come after the session was removed with its track.
        Ok(session.map_or_else(|| CancelSessionRefusal::from(SessionInvalid).into(), CancelSessionResult::Session))
    }
}
