use async_graphql::{Context, ID, InputObject, Object, Result};
use domain::{
    ExternalId, InputValidator, SessionDraft, TrackDraft, Window,
    commands::create_workshop::{CreateWorkshop, CreateWorkshopRefusal},
    problems,
};
use persistence::CreatedWorkshop;

use super::{command_context, payload};
use crate::graphql::{
    execution::{context::store, fault::Fault},
    schema::{scalars::Instant, types::workshop::Workshop},
};

/// The workshop to create.
#[derive(InputObject)]
struct CreateWorkshopInput {
    /// The title: 1 to 200 characters after trimming.
    title: String,
    /// The description: at most 10,000 characters, with line breaks.
    description: Option<String>,
    /// The id of this workshop in the caller's own system: 1 to 255 characters, without spaces around it and without
    /// invisible characters, unique among workshops.
    external_id: Option<String>,
    /// The instant when registration opens. null means as soon as the workshop is published.
    registration_opens_at: Option<Instant>,
    /// The instant when registration closes; at this instant, registrations are no longer accepted. null means when the
    /// first session starts.
    registration_closes_at: Option<Instant>,
    /// The total number of seats, 0 to 1,000,000. null means unlimited, without a waitlist.
    capacity: Option<i32>,
    /// Whether guests can join a waitlist.
    #[graphql(default)]
    waitlist_enabled: bool,
    /// The maximum length of the waitlist, 0 to 1,000,000. null means unlimited.
    waitlist_limit: Option<i32>,
    /// The centers that run the workshop, at most 100. At least one is needed to publish it.
    #[graphql(default)]
    center_ids: Vec<ID>,
    /// The tracks of the workshop, at most 50. At least one is needed to publish it.
    #[graphql(default)]
    tracks: Vec<NewTrackInput>,
    /// Makes a retry safe: the same key with the same input returns the first success again, for 24 hours.
    idempotency_key: Option<String>,
}

/// A track of the workshop to create.
#[derive(InputObject)]
struct NewTrackInput {
    /// The name: 1 to 200 characters after trimming.
    name: String,
    /// The total number of seats on the track, 0 to 1,000,000. null means that only the workshop's seats limit the
    /// track.
    capacity: Option<i32>,
    /// The sessions of the track, at most 500.
    #[graphql(default)]
    sessions: Vec<NewSessionInput>,
}

/// A session of the workshop to create.
#[derive(InputObject)]
struct NewSessionInput {
    /// The title: 1 to 200 characters after trimming.
    title: String,
    /// The first instant of the session.
    starts_at: Instant,
    /// The end of the session, after its start.
    ends_at: Instant,
    /// The center where the session takes place; it must run the workshop.
    center_id: ID,
    /// The room, by the name that the center uses: 1 to 200 characters.
    room: Option<String>,
    /// The name of the instructor: 1 to 200 characters.
    instructor: Option<String>,
}

impl CreateWorkshopInput {
    fn parse(self) -> Result<CreateWorkshop, problems::InputInvalid> {
        let mut validator = InputValidator::default();
        let command = CreateWorkshop {
            title: validator.name("title", &self.title),
            description: self.description.map(|text| validator.text("description", &text)),
            external_id: self.external_id.and_then(|text| validator.parsed("externalId", ExternalId::parse_new(&text))),
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
        let path = format!("tracks[{number}]");
        TrackDraft {
            name: validator.name(format_args!("{path}.name"), &self.name),
            capacity: self.capacity.map(|number| validator.count(format_args!("{path}.capacity"), number)),
            sessions: (0..)
                .zip(self.sessions)
                .map(|(number, session): (usize, _)| session.parse(validator, &format!("{path}.sessions[{number}]")))
                .collect(),
        }
    }
}

impl NewSessionInput {
    fn parse(self, validator: &mut InputValidator, path: &str) -> SessionDraft {
        SessionDraft {
            title: validator.name(format_args!("{path}.title"), &self.title),
            starts_at: self.starts_at.0,
            ends_at: self.ends_at.0,
            center: self.center_id.parse().ok(),
            room: self.room.map(|text| validator.name(format_args!("{path}.room"), &text)),
            instructor: self.instructor.map(|text| validator.name(format_args!("{path}.instructor"), &text)),
        }
    }
}

payload! {
    /// The created workshop, a draft, or the first problem found. Problems are checked in the listed order, a reused
    /// idempotency key right after the input.
    CreateWorkshopResult = Workshop or CreateWorkshopRefusal {
        InputInvalid, TooManyTracks, TooManySessions, TooManyCenters, WindowInvalid, SessionTimesInvalid, CenterInvalid,
        ExternalIdTaken, IdempotencyKeyReused, ResultNotVisible,
    }
}

#[derive(Default)]
pub(super) struct CreateWorkshopMutation;

#[Object]
impl CreateWorkshopMutation {
    /// Creates a workshop as a draft, with its tracks and sessions if they are given. Guests can register when the
    /// workshop is published and its registration window is open.
    async fn create_workshop(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The workshop to create.")] input: CreateWorkshopInput,
    ) -> Result<CreateWorkshopResult> {
        let context = command_context(ctx, input.idempotency_key.as_deref())?;
        let command = match input.parse() {
            Ok(command) => command,
            Err(invalid) => return Ok(CreateWorkshopRefusal::from(invalid).into()),
        };
        let store = store(ctx);
        match store.create_workshop(command, context).await.map_err(Fault::from)? {
            Ok(CreatedWorkshop(id)) => Ok(Workshop::find(ctx, id).await?.map_or_else(
                || CreateWorkshopRefusal::from(problems::ResultNotVisible).into(),
                CreateWorkshopResult::Workshop,
            )),
            Err(refusal) => Ok(refusal.into()),
        }
    }
}
