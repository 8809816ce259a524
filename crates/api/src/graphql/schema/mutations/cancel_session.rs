use async_graphql::{Context, ID, Object, Result, SimpleObject};
use domain::{
    SessionId,
    commands::cancel_session::{CancelSession, CancelSessionRefusal},
    problems::SessionInvalid,
};

use super::{caller, edit, payload, promoted};
use crate::graphql::schema::types::{registration::Registration, session::Session};

/// The session is called off.
#[derive(SimpleObject)]
pub(crate) struct CancelSessionSuccess {
    /// The session.
    session: Session,
    /// Guests who got a seat from the waitlist, first in line first: where the workshop has not started any more.
    promoted: Vec<Registration>,
}

payload! {
    /// The cancelled session with who was promoted, or the problem that stands in the way, in the order in which they are checked.
    CancelSessionResult = CancelSessionSuccess or CancelSessionRefusal {
        SessionInvalid, WorkshopNotEditable,
        IdempotencyKeyReused,
    }
}

#[derive(Default)]
pub(super) struct CancelSessionMutation;

#[Object]
impl CancelSessionMutation {
    /// Calls one session off. Whoever has registered stays registered; when the track and the workshop start and end is
    /// said by the sessions that are left. Where the workshop has not started any more, free seats go to the first in line in
    /// the same transaction. Cancelling twice is the same as cancelling once.
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
        let edited = match edit(ctx, CancelSession { session }, caller).await? {
            Ok(edited) => edited,
            Err(refusal) => return Ok(refusal.into()),
        };
        let session = match session {
            Some(id) => Session::find(ctx, id).await?,
            None => None,
        };
        // A retry may come after the session was removed with its track.
        let Some(session) = session else { return Ok(CancelSessionRefusal::from(SessionInvalid).into()) };
        Ok(CancelSessionSuccess { session, promoted: promoted(ctx, &edited.promoted).await? }.into())
    }
}
