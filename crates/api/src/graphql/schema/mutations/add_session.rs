use async_graphql::{Context, ID, InputObject, MaybeUndefined, Object, Result};
use domain::{
    InputValidator, SessionDraft, SessionId, Timestamp, TrackId,
    commands::add_session::{AddSession, AddSessionRefusal},
    problems::{self, SessionInvalid},
};
use uuid::Uuid;

use super::{command_context, edit_workshop, payload};
use crate::graphql::schema::{scalars::Instant, types::session::Session};

/// The data of a session. In an update, an omitted field keeps its value.
#[derive(InputObject)]
pub(super) struct SessionInput {
    /// The title: 1 to 200 characters after trimming. Required for a new session; in an update, null keeps it.
    pub(super) title: Option<String>,
    /// The first instant of the session. Required for a new session; in an update, null keeps it.
    pub(super) starts_at: Option<Instant>,
    /// The end of the session, after its start. Required for a new session; in an update, null keeps it.
    pub(super) ends_at: Option<Instant>,
    /// The center where the session takes place; it must run the workshop. Required for a new session; in an update,
    /// null keeps it.
    pub(super) center_id: Option<ID>,
    /// The room, by the name that the center uses: 1 to 200 characters. null means none.
    pub(super) room: MaybeUndefined<String>,
    /// The name of the instructor: 1 to 200 characters. null means none.
    pub(super) instructor: MaybeUndefined<String>,
    /// Makes a retry safe: the same key with the same input returns the first success again, for 24 hours.
    pub(super) idempotency_key: Option<String>,
}

impl SessionInput {
    fn parse(self, track: i32) -> Result<AddSession, problems::InputInvalid> {
        let mut validator = InputValidator::default();
        let instant = |validator: &mut InputValidator, field: &str, given: Option<Instant>| {
            validator.required(field, given).map_or(Timestamp::UNIX_EPOCH, |instant| instant.0)
        };
        let title = validator.required("title", self.title).map(|text| validator.name("title", &text));
        let draft = SessionDraft {
            title: title.unwrap_or_default(),
            starts_at: instant(&mut validator, "startsAt", self.starts_at),
            ends_at: instant(&mut validator, "endsAt", self.ends_at),
            center: validator.required("centerId", self.center_id).and_then(|id| id.parse().ok()),
            room: self.room.take().map(|text| validator.name("room", &text)),
            instructor: self.instructor.take().map(|text| validator.name("instructor", &text)),
        };
        let session = SessionId::from_uuid(Uuid::now_v7());
        validator.finish(AddSession { session, track: TrackId::new(track), draft })
    }
}

payload! {
    /// The added session, or the first problem found. Problems are checked in the listed order, a reused idempotency
    /// key right after the input. A retry returns `SessionInvalid` if the session has been removed with its track, or is not
    /// visible to the caller any more.
    AddSessionResult = Session or AddSessionRefusal {
        InputInvalid, TrackInvalid, WorkshopNotEditable, TooManySessions, CenterInvalid, SessionTimesInvalid,
        IdempotencyKeyReused, SessionInvalid,
    }
}

#[derive(Default)]
pub(super) struct AddSessionMutation;

#[Object]
impl AddSessionMutation {
    /// Adds a session to a track. The track and the workshop start with their first session and end with their last.
    async fn add_session(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The number of the track.")] track_id: i32,
        #[graphql(desc = "The session to add.")] input: SessionInput,
    ) -> Result<AddSessionResult> {
        let context = command_context(ctx, input.idempotency_key.as_deref())?;
        let command = match input.parse(track_id) {
            Ok(command) => command,
            Err(invalid) => return Ok(AddSessionRefusal::from(invalid).into()),
        };
        let edited = match edit_workshop(ctx, command, context).await? {
            Ok(edited) => edited,
            Err(refusal) => return Ok(refusal.into()),
        };
        let session = match edited.session {
            Some(id) => Session::find(ctx, id).await?,
            None => None,
        };
        Ok(session.map_or_else(|| AddSessionRefusal::from(SessionInvalid).into(), AddSessionResult::Session))
    }
}
