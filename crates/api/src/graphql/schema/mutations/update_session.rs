use async_graphql::{Context, ID, Object, Result, SimpleObject};
use domain::{
    InputValidator, SessionId,
    commands::update_session::{UpdateSession, UpdateSessionRefusal},
    problems::{self, CenterInvalid, SessionInvalid},
};

use super::{add_session::SessionInput, command_context, edit_workshop, payload, promoted};
use crate::graphql::{
    execution::cost::{PROMOTED, list_cost},
    schema::{
        inputs::patch,
        types::{registration::Registration, session::Session},
    },
};

/// The session was updated.
#[derive(SimpleObject)]
pub(crate) struct UpdateSessionSuccess {
    /// The session.
    session: Session,
    /// The registrations that got a seat from the waitlist in the same transaction, in the order of the waitlist.
    /// Guests are promoted only if the workshop has not started after this change.
    #[graphql(complexity = "list_cost(PROMOTED, child_complexity)")]
    promoted: Vec<Registration>,
}

payload! {
    /// The updated session with the promoted registrations, or the first problem found. Problems are checked in the
    /// listed order, a reused idempotency key right after the input.
    UpdateSessionResult = UpdateSessionSuccess or UpdateSessionRefusal {
        InputInvalid, SessionInvalid, WorkshopNotEditable, CenterInvalid, SessionTimesInvalid,
        IdempotencyKeyReused,
    }
}

fn parse(session: Option<SessionId>, input: SessionInput) -> Result<UpdateSession, problems::InputInvalid> {
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
    /// Updates a session that is not cancelled. The workshop can be completed: a later date makes it upcoming again.
    /// The track and the workshop start with their first session and end with their last. If the workshop has not
    /// started after this change, free seats go to the first guests on the waitlist in the same transaction.
    async fn update_session(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The session, `ses_…`.")] session_id: ID,
        #[graphql(desc = "The fields to change.")] input: SessionInput,
    ) -> Result<UpdateSessionResult> {
        let context = command_context(ctx, input.idempotency_key.as_deref())?;
        let id = session_id.parse().ok();
        let command = match parse(id, input) {
            Ok(command) => command,
            Err(invalid) => return Ok(UpdateSessionRefusal::from(invalid).into()),
        };
        let edited = match edit_workshop(ctx, command, context).await? {
            Ok(edited) => edited,
            Err(refusal) => return Ok(refusal.into()),
        };
        let session = match id {
            Some(id) => Session::find(ctx, id).await?,
            None => None,
        };
        // The session can have been removed with its track before a retry.
        let Some(session) = session else { return Ok(UpdateSessionRefusal::from(SessionInvalid).into()) };
        Ok(UpdateSessionSuccess { session, promoted: promoted(ctx, &edited.promoted).await? }.into())
    }
}
