use async_graphql::{Context, ID, InputObject, MaybeUndefined, Object, Result};
use domain::{
    InputValidator, SessionDraft, SessionId, Timestamp, TrackId,
    commands::add_session::{AddSession, AddSessionRefusal},
    problems::{self as facts, SessionInvalid},
};
use uuid::Uuid;

use super::{caller, edit, payload};
use crate::graphql::schema::{scalars::Instant, types::session::Session};

/// A session to add, or what is to change of one. In a change, a field that is left out stays as it is.
#[derive(InputObject)]
pub(super) struct SessionInput {
    /// What it is about: 1 to 200 characters, without the space around them. Required when adding; null: it stays.
    pub(super) title: Option<String>,
    /// The first instant of the session. Required when adding; null: it stays.
    pub(super) starts_at: Option<Instant>,
    /// The instant at which it is over, after its start. Required when adding; null: it stays.
    pub(super) ends_at: Option<Instant>,
    /// Where it takes place: a center that runs the workshop. Required when adding; null: it stays.
    pub(super) center_id: Option<ID>,
    /// The room, as the center calls it: 1 to 200 characters. Null: none.
    pub(super) room: MaybeUndefined<String>,
    /// Who leads it: 1 to 200 characters. Null: nobody yet.
    pub(super) instructor: MaybeUndefined<String>,
    /// Makes a retry safe: the same key with the same input answers with the first success again, for 24 hours.
    pub(super) idempotency_key: Option<String>,
}

impl SessionInput {
    fn parse(self, track: i32) -> Result<AddSession, facts::InputInvalid> {
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
    /// The session, or the problem that stands in the way, in the order in which they are checked. `SessionInvalid` answers
    /// a retry whose session was removed with its track since.
    AddSessionResult = Session or AddSessionRefusal {
        InputInvalid, TrackInvalid, WorkshopNotEditable, CenterInvalid, SessionTimesInvalid,
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
        #[graphql(desc = "The session.")] input: SessionInput,
    ) -> Result<AddSessionResult> {
        let caller = caller(ctx, input.idempotency_key.as_deref())?;
        let command = match input.parse(track_id) {
            Ok(command) => command,
            Err(invalid) => return Ok(AddSessionRefusal::from(invalid).into()),
        };
        let edited = match edit(ctx, command, caller).await? {
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
