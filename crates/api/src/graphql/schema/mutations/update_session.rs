use async_graphql::{Context, ID, Object, Result, SimpleObject};
use domain::{
    InputValidator, SessionId,
    commands::update_session::{UpdateSession, UpdateSessionRefusal},
    problems::{self as facts, CenterInvalid, SessionInvalid},
};

use super::{add_session::SessionInput, caller, edit, patch, payload, promoted};
use crate::graphql::schema::types::{registration::Registration, session::Session};

/// The session is as it was asked for.
#[derive(SimpleObject)]
pub(crate) struct UpdateSessionSuccess {
    /// The session.
    session: Session,
    /// Guests who got a seat from the waitlist, first in line first: where the workshop has not started any more.
    promoted: Vec<Registration>,
}

payload! {
    /// The session with who was promoted, or the problem that stands in the way, in the order in which they are checked.
    UpdateSessionResult = UpdateSessionSuccess or UpdateSessionRefusal {
        InputInvalid, SessionInvalid, WorkshopNotEditable, CenterInvalid, SessionTimesInvalid,
        IdempotencyKeyReused,
    }
}

fn parse(session: Option<SessionId>, input: SessionInput) -> Result<UpdateSession, facts::InputInvalid> {
    let mut validator = InputValidator::default();
    let command = UpdateSession {
        session,
        title: input.title.map(|text| validator.name("title", &text)),
        starts_at: input.starts_at.map(|instant| instant.0),
        ends_at: input.ends_at.map(|instant| instant.0),
        center: input.center_id.map(|id| id.parse().map_err(|_| CenterInvalid)),
        room: patch(input.room).map(|text| validator.name("room", &text)),
        instructor: patch(input.instructor).map(|text| validator.name("instructor", &text)),
    };
    validator.finish(command)
}

#[derive(Default)]
pub(super) struct UpdateSessionMutation;

#[Object]
impl UpdateSessionMutation {
    /// Edits a session that takes place, also when the workshop is completed: with another date it may be to come again. The track and the workshop start with their first session and end with their last;
    /// where the workshop has not started any more, free seats go to the first in line in the same transaction.
    async fn update_session(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The session, `ses_…`.")] session_id: ID,
        #[graphql(desc = "What is to change.")] input: SessionInput,
    ) -> Result<UpdateSessionResult> {
        let caller = caller(ctx, input.idempotency_key.as_deref())?;
        let id = session_id.parse().ok();
        let command = match parse(id, input) {
            Ok(command) => command,
            Err(invalid) => return Ok(UpdateSessionRefusal::from(invalid).into()),
        };
        let edited = match edit(ctx, command, caller).await? {
            Ok(edited) => edited,
            Err(refusal) => return Ok(refusal.into()),
        };
        let session = match id {
            Some(id) => Session::find(ctx, id).await?,
            None => None,
        };
        // A retry may come after the session was removed with its track.
        let Some(session) = session else { return Ok(UpdateSessionRefusal::from(SessionInvalid).into()) };
        Ok(UpdateSessionSuccess { session, promoted: promoted(ctx, &edited.promoted).await? }.into())
    }
}
