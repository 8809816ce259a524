use domain::{
    Fingerprint, SessionDraft, SessionId, Stage, TrackDraft, WorkshopId,
    access::{Authoring, Authority},
    commands::create_workshop::{CreateWorkshop, CreateWorkshopRefusal, create_workshop},
};
use sea_orm::DatabaseTransaction;
use uuid::Uuid;

use super::{Caller, Keepable, edit::Edit};
use crate::{
    Clock, NewSession, NewTrack, NewWorkshop, Store, StoreError, catalogue::insert_workshop, manuscripts::known,
};

/// The workshop is there, as a draft.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Created(pub WorkshopId);

impl Keepable for Created {
    fn keep(&self) -> String {
        self.0.to_string()
    }

    fn recall(text: &str) -> Result<Self, StoreError> {
        text.parse().map(Self).map_err(|_| StoreError::Corrupt { what: "a kept result", why: text.to_owned() })
    }
}

impl Store {
    /// Begins a workshop. Answers after the commit.
    pub async fn create_workshop(
        &self,
        request: CreateWorkshop,
        caller: Caller<Authoring>,
    ) -> Result<Result<Created, CreateWorkshopRefusal>, StoreError> {
        self.edit(request, caller.behalf()).await
    }
}

impl Edit for CreateWorkshop {
    type Success = Created;
    type Refusal = CreateWorkshopRefusal;

    fn fingerprint(&self) -> Fingerprint {
        CreateWorkshop::fingerprint(self)
    }

    async fn run(
        &self,
        tx: &DatabaseTransaction,
        clock: &Clock,
        by: &Authority,
    ) -> Result<Result<Created, CreateWorkshopRefusal>, StoreError> {
        let now = clock.now();
        let asked: Vec<_> = self.centers.iter().flatten().copied().collect();
        let known = known(tx, &asked, self.external_id.as_ref(), None, by).await?;
        let centers = match create_workshop(self, &known) {
            Ok(centers) => centers,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let id = WorkshopId::from_uuid(Uuid::now_v7());
        let new = NewWorkshop {
            id,
            external_id: self.external_id.clone(),
            title: self.title.clone(),
            description: self.description.clone(),
            stage: Stage::Draft,
            window: self.window,
            capacity: self.capacity,
            waitlist_enabled: self.waitlist_enabled,
            waitlist_limit: self.waitlist_limit,
            centers: centers.into_iter().collect(),
            tracks: self.tracks.iter().map(NewTrack::from).collect(),
        };
        insert_workshop(tx, new, now).await?;
        Ok(Ok(Created(id)))
    }
}

impl From<&TrackDraft> for NewTrack {
    fn from(draft: &TrackDraft) -> Self {
        let sessions = draft.sessions.iter().filter_map(new_session).collect();
        Self { name: draft.name.clone(), capacity: draft.capacity, sessions }
    }
}

/// The session; none of those that the rule lets through is without a center.
fn new_session(draft: &SessionDraft) -> Option<NewSession> {
    Some(NewSession {
        id: SessionId::from_uuid(Uuid::now_v7()),
        title: draft.title.clone(),
        starts_at: draft.starts_at,
        ends_at: draft.ends_at,
        center: draft.center?,
        room: draft.room.clone(),
        instructor: draft.instructor.clone(),
    })
}
