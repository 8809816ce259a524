use domain::{
    ChangeKind, Fingerprint, RegistrationId, SessionId, TrackId, Transition, WorkshopId,
    access::{Authority, ManageWorkshops},
    commands::OnWorkshop,
};
use sea_orm::DatabaseTransaction;
use uuid::Uuid;

use super::{
    CommandContext, StoredResult,
    edit::{Edit, Edited},
};
use crate::{
    Clock, Store, StoreError,
    aggregates::locked_workshop::{LockedWorkshop, SavedWorkshop, find_workshop},
    database::row_lock::LockMode,
};

/// The result of an edit of a workshop, which can have changed nothing.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct EditedWorkshop {
    /// The workshop.
    pub workshop: WorkshopId,
    /// The track that was added.
    pub track: Option<TrackId>,
    /// The session that was added.
    pub session: Option<SessionId>,
    /// The registrations that the edit promoted from the waitlist, in the order of the waitlist.
    pub promoted: Vec<RegistrationId>,
    /// The number of registrations that the edit released.
    pub released: u32,
}

/// Encodes a missing part.
const NONE: &str = "-";

impl StoredResult for EditedWorkshop {
    fn encode(&self) -> String {
        let track = self.track.map_or_else(|| NONE.to_owned(), |id| id.to_string());
        let session = self.session.map_or_else(|| NONE.to_owned(), |id| id.to_string());
        let mut parts = vec![self.workshop.to_string(), track, session, self.released.to_string()];
        parts.extend(self.promoted.iter().map(ToString::to_string));
        parts.join(" ")
    }

    fn decode(text: &str) -> Option<Self> {
        let mut parts = text.split(' ');
        let workshop = parts.next()?.parse().ok()?;
        let track = Some(parts.next()?).filter(|part| *part != NONE).map(str::parse).transpose().ok()?;
        let session = Some(parts.next()?).filter(|part| *part != NONE).map(str::parse).transpose().ok()?;
        let released = parts.next()?.parse().ok()?;
        let promoted = parts.map(|id| id.parse().ok()).collect::<Option<_>>()?;
        Some(Self { workshop, track, session, promoted, released })
    }
}

impl Store {
    /// Edits a workshop. Returns after the commit.
    pub async fn edit_workshop<C: OnWorkshop>(
        &self,
        command: C,
        context: CommandContext<ManageWorkshops>,
    ) -> Result<Result<EditedWorkshop, C::Refusal>, StoreError> {
        // Tracks and sessions never move to another workshop, so this is read before the lock.
        let workshop = match command.subject() {
            Some(subject) => find_workshop(&self.reader, subject).await?,
            None => None,
        };
        self.edit(WorkshopEdit { command, workshop }, context.erase()).await
    }
}

struct WorkshopEdit<C> {
    command: C,
    /// The workshop to edit, if it exists.
    workshop: Option<WorkshopId>,
}

impl<C: OnWorkshop> Edit for WorkshopEdit<C> {
    type Success = EditedWorkshop;
    type Refusal = C::Refusal;

    fn fingerprint(&self) -> Fingerprint {
        self.command.fingerprint()
    }

    fn locked_row(&self) -> Option<Uuid> {
        self.workshop.map(|id| id.uuid())
    }

    fn changed_workshop(success: &EditedWorkshop) -> Option<WorkshopId> {
        Some(success.workshop)
    }

    async fn run(
        &self,
        tx: &DatabaseTransaction,
        clock: &Clock,
        by: &Authority,
        lock_mode: LockMode,
    ) -> Result<Result<Edited<EditedWorkshop>, C::Refusal>, StoreError> {
        let Some(workshop) = self.workshop else { return Ok(Err(C::no_such_subject())) };
        let Some(locked) = LockedWorkshop::lock(tx, &self.command, workshop, by, lock_mode).await? else {
            return Ok(Err(C::no_such_subject()));
        };
        // Read after the lock: an edit that had to wait is judged by the time at which it got the workshop.
        let now = clock.now();
        let mut editable = locked.editable.clone();
        if let Err(refusal) = self.command.decide(&mut editable, now) {
            return Ok(Err(refusal));
        }
        let workshop = editable.aggregate.workshop.id;
        // The result contains only registrations that the author can see. All changes are written.
        let visible = |kind| {
            let matches = |transition: &&Transition| {
                transition.kind == kind && editable.aggregate.is_visible_to(by, transition.registration)
            };
            editable
                .aggregate
                .transitions()
                .iter()
                .filter(matches)
                .map(|transition| transition.registration)
                .collect::<Vec<_>>()
        };
        let (promoted, released) = (visible(ChangeKind::Promoted), visible(ChangeKind::WorkshopCancelled).len());
        let SavedWorkshop { track, session, has_changes } = locked.save(tx, editable, now, by).await?;
        let released = u32::try_from(released).unwrap_or(u32::MAX);
        let success = EditedWorkshop { workshop, track, session, promoted, released };
        Ok(Ok(Edited { success, has_changes }))
    }
}
