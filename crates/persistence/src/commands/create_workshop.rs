use domain::{
    Fingerprint, SessionDraft, SessionId, Stage, TrackDraft, WorkshopId,
    access::{Authority, ManageWorkshops},
    commands::create_workshop::{CreateWorkshop, CreateWorkshopRefusal, create_workshop},
};
use sea_orm::DatabaseTransaction;
use uuid::Uuid;

use super::{
    CommandContext, StoredResult,
    edit::{Edit, Edited},
};
use crate::{
    Clock, NewSession, NewTrack, NewWorkshop, Store, StoreError, aggregates::locked_workshop::load_edit_context,
    database::row_lock::LockMode, rows::workshop_rows::insert_workshop,
};

/// The new workshop, a draft.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct CreatedWorkshop(pub WorkshopId);

impl StoredResult for CreatedWorkshop {
    fn encode(&self) -> String {
        self.0.to_string()
    }

    fn decode(text: &str) -> Option<Self> {
        text.parse().map(Self).ok()
    }
}

impl Store {
    /// Creates a workshop as a draft. Returns after the commit.
    pub async fn create_workshop(
        &self,
        request: CreateWorkshop,
        context: CommandContext<ManageWorkshops>,
    ) -> Result<Result<CreatedWorkshop, CreateWorkshopRefusal>, StoreError> {
        self.edit(request, context.erase()).await
    }
}

impl Edit for CreateWorkshop {
    type Success = CreatedWorkshop;
    type Refusal = CreateWorkshopRefusal;

    fn fingerprint(&self) -> Fingerprint {
        CreateWorkshop::fingerprint(self)
    }

    async fn run(
        &self,
        tx: &DatabaseTransaction,
        clock: &Clock,
        by: &Authority,
        _: LockMode,
    ) -> Result<Result<Edited<CreatedWorkshop>, CreateWorkshopRefusal>, StoreError> {
        let now = clock.now();
        let requested: Vec<_> = self.centers.iter().flatten().copied().collect();
        let context = load_edit_context(tx, &requested, self.external_id.as_ref(), None, by).await?;
        let centers = match create_workshop(self, &context) {
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
        Ok(Ok(Edited::changed(CreatedWorkshop(id))))
    }
}

impl From<&TrackDraft> for NewTrack {
    fn from(draft: &TrackDraft) -> Self {
        let sessions = draft.sessions.iter().filter_map(new_session).collect();
        Self { name: draft.name.clone(), capacity: draft.capacity, sessions }
    }
}

/// The session to insert. The rule refuses drafts without a center.
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
