use std::sync::Arc;

use async_graphql::{Context, ID, InputObject, Object, Result};
use domain::{
    ExternalId, InputValidator, SessionDraft, TrackDraft, Window,
    commands::create_workshop::{CreateWorkshop, CreateWorkshopRefusal},
    problems as facts,
};
use persistence::{CreatedWorkshop, Store};

use super::{caller, payload};
use crate::graphql::{
    execution::fault::Fault,
    schema::{scalars::Instant, types::workshop::Workshop},
};

/// A workshop to begin.
#[derive(InputObject)]
struct CreateWorkshopInput {
    /// What guests read first: 1 to 200 characters, without the space around them.
    title: String,
    /// What it is about: at most 10,000 characters, with line breaks.
    description: Option<String>,
    /// Its id in the caller's own system: 1 to 255 characters. No two workshops have the same.
    external_id: Option<String>,
    /// The first instant at which it takes registrations; null: from its publication on.
    registration_opens_at: Option<Instant>,
    /// The first instant at which it takes none any more; null: when the first session starts.
    registration_closes_at: Option<Instant>,
    /// Seats in all, 0 to 1,000,000; null: unlimited, and then no waitlist applies.
    capacity: Option<i32>,
    /// Whether guests can wait in line for a seat.
    #[graphql(default)]
    waitlist_enabled: bool,
    /// The longest that the line may grow, 0 to 1,000,000; null: unlimited.
    waitlist_limit: Option<i32>,
    /// The centers that run it. None is needed before it is published.
    #[graphql(default)]
    center_ids: Vec<ID>,
    /// Its tracks. None is needed before it is published.
    #[graphql(default)]
    tracks: Vec<NewTrackInput>,
    /// Makes a retry safe: the same key with the same input answers with the first success again, for 24 hours.
    idempotency_key: Option<String>,
}

/// A track of a workshop to begin.
#[derive(InputObject)]
struct NewTrackInput {
    /// What people call it: 1 to 200 characters, without the space around them.
    name: String,
    /// Its own seats in all, 0 to 1,000,000; null: as many as the workshop has.
    capacity: Option<i32>,
    /// Its sessions.
    #[graphql(default)]
    sessions: Vec<NewSessionInput>,
}

/// A session of a workshop to begin.
#[derive(InputObject)]
struct NewSessionInput {
    /// What it is about: 1 to 200 characters, without the space around them.
    title: String,
    /// The first instant of the session.
    starts_at: Instant,
    /// The instant at which it is over, after its start.
    ends_at: Instant,
    /// Where it takes place: a center that runs the workshop.
    center_id: ID,
    /// The room, as the center calls it: 1 to 200 characters.
    room: Option<String>,
    /// Who leads it: 1 to 200 characters.
    instructor: Option<String>,
}

impl CreateWorkshopInput {
    fn parse(self) -> Result<CreateWorkshop, facts::InputInvalid> {
        let mut validator = InputValidator::default();
        let command = CreateWorkshop {
            title: validator.name("title", &self.title),
            description: self.description.map(|text| validator.text("description", &text)),
            external_id: self.external_id.and_then(|text| validator.parsed("externalId", ExternalId::parse(&text))),
            window: Window {
                opens_at: self.registration_opens_at.map(|instant| instant.0),
                closes_at: self.registration_closes_at.map(|instant| instant.0),
            },
            capacity: self.capacity.map(|number| validator.count("capacity", number)),
            waitlist_enabled: self.waitlist_enabled,
            waitlist_limit: self.waitlist_limit.map(|number| validator.count("waitlistLimit", number)),
            centers: self.center_ids.iter().map(|id| id.parse().ok()).collect(),
            tracks: (0..).zip(self.tracks).map(|(number, track)| track.parse(&mut validator, number)).collect(),
        };
        validator.finish(command)
    }
}

impl NewTrackInput {
    fn parse(self, validator: &mut InputValidator, number: usize) -> TrackDraft {
        let way = format!("tracks[{number}]");
        TrackDraft {
            name: validator.name(format_args!("{way}.name"), &self.name),
            capacity: self.capacity.map(|number| validator.count(format_args!("{way}.capacity"), number)),
            sessions: (0..)
                .zip(self.sessions)
                .map(|(number, session): (usize, _)| session.parse(validator, &format!("{way}.sessions[{number}]")))
                .collect(),
        }
    }
}

impl NewSessionInput {
    fn parse(self, validator: &mut InputValidator, way: &str) -> SessionDraft {
        SessionDraft {
            title: validator.name(format_args!("{way}.title"), &self.title),
            starts_at: self.starts_at.0,
            ends_at: self.ends_at.0,
            center: self.center_id.parse().ok(),
            room: self.room.map(|text| validator.name(format_args!("{way}.room"), &text)),
            instructor: self.instructor.map(|text| validator.name(format_args!("{way}.instructor"), &text)),
        }
    }
}

payload! {
    /// The workshop, a draft, or the problem that stands in the way, in the order in which they are checked.
    CreateWorkshopResult = Workshop or CreateWorkshopRefusal {
        InputInvalid, WindowInvalid, SessionTimesInvalid, CenterInvalid, ExternalIdTaken,
        IdempotencyKeyReused,
    }
}

#[derive(Default)]
pub(super) struct CreateWorkshopMutation;

#[Object]
impl CreateWorkshopMutation {
    /// Begins a workshop, with its tracks and sessions if they are known. It is a draft: guests can register once it is
    /// published and its window is open.
    async fn create_workshop(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What there is to say of it.")] input: CreateWorkshopInput,
    ) -> Result<CreateWorkshopResult> {
        let caller = caller(ctx, input.idempotency_key.as_deref())?;
        let command = match input.parse() {
            Ok(command) => command,
            Err(invalid) => return Ok(CreateWorkshopRefusal::from(invalid).into()),
        };
        let store = ctx.data_unchecked::<Arc<Store>>();
        match store.create_workshop(command, caller).await.map_err(Fault::from)? {
            Ok(CreatedWorkshop(id)) => Ok(CreateWorkshopResult::Workshop(Workshop::load(ctx, id.uuid()).await?)),
            Err(refusal) => Ok(refusal.into()),
        }
    }
}
