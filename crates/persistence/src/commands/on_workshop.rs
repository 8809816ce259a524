use domain::{
    ChangeKind, Fingerprint, RegistrationId, SessionId, TrackId, Transition, WorkshopId,
    access::{Authority, ManageWorkshops},
    commands::OnWorkshop,
};
use sea_orm::DatabaseTransaction;

use super::{CommandContext, StoredResult, edit::Edit};
use crate::{Clock, Store, StoreError, aggregates::locked_workshop::LockedWorkshop};

/// A workshop was edited, or was already as it was asked for.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct EditedWorkshop {
    /// The workshop.
    pub workshop: WorkshopId,
    /// The track that was added.
    pub track: Option<TrackId>,
    /// The session that was added.
    pub session: Option<SessionId>,
    /// Those who got a seat from the line through it, first in line first.
    pub promoted: Vec<RegistrationId>,
    /// How many were released.
    pub released: u32,
}

/// What stands for a part that is not there.
const NONE: &str = "-";

impl StoredResult for EditedWorkshop {
    fn encode(&self) -> String {
        let track = self.track.map_or_else(|| NONE.to_owned(), |id| id.to_string());
        let session = self.session.map_or_else(|| NONE.to_owned(), |id| id.to_string());
        let mut parts = vec![self.workshop.to_string(), track, session, self.released.to_string()];
        parts.extend(self.promoted.iter().map(ToString::to_string));
        parts.join(" ")
    }

    fn decode(text: &str) -> Result<Self, StoreError> {
        let read = || {
            let mut parts = text.split(' ');
            let workshop = parts.next()?.parse().ok()?;
            let track = Some(parts.next()?).filter(|part| *part != NONE).map(str::parse).transpose().ok()?;
            let session = Some(parts.next()?).filter(|part| *part != NONE).map(str::parse).transpose().ok()?;
            let released = parts.next()?.parse().ok()?;
            let promoted = parts.map(|id| id.parse().ok()).collect::<Option<_>>()?;
            Some(Self { workshop, track, session, promoted, released })
        };
        read().ok_or_else(|| StoreError::Corrupt { what: "a stored result", why: text.to_owned() })
    }
}

impl Store {
    /// Edits a workshop. Answers after the commit.
    pub async fn edit_workshop<C: OnWorkshop>(
        &self,
        command: C,
        caller: CommandContext<ManageWorkshops>,
    ) -> Result<Result<EditedWorkshop, C::Refusal>, StoreError> {
        self.edit(AtWorkshop(command), caller.erase()).await
    }
}

struct AtWorkshop<C>(C);

impl<C: OnWorkshop> Edit for AtWorkshop<C> {
    type Success = EditedWorkshop;
    type Refusal = C::Refusal;

    fn fingerprint(&self) -> Fingerprint {
        self.0.fingerprint()
    }

    fn touches(success: &EditedWorkshop) -> Option<WorkshopId> {
        Some(success.workshop)
    }

    async fn run(
        &self,
        tx: &DatabaseTransaction,
        clock: &Clock,
        by: &Authority,
    ) -> Result<Result<EditedWorkshop, C::Refusal>, StoreError> {
        let Some(held) = LockedWorkshop::lock(tx, &self.0, by).await? else { return Ok(Err(C::no_such_subject())) };
        // Read once the workshop is held: an edit that had to wait is judged by when it got its turn.
        let now = clock.now();
        let mut editable = held.editable.clone();
        let transitions = match self.0.decide(&mut editable, now) {
            Ok(transitions) => transitions,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let workshop = editable.aggregate.workshop.id;
        // Told are those whom the author sees; of the others it is written all the same.
        let of = |kind| {
            let seen = |it: &&Transition| it.kind == kind && editable.aggregate.is_visible_to(by, it.registration);
            transitions.iter().filter(seen).map(|transition| transition.registration).collect::<Vec<_>>()
        };
        let (promoted, released) = (of(ChangeKind::Promoted), of(ChangeKind::WorkshopCancelled).len());
        let (track, session) = held.save(tx, editable, &transitions, now, by).await?;
        let released = u32::try_from(released).unwrap_or(u32::MAX);
        Ok(Ok(EditedWorkshop { workshop, track, session, promoted, released }))
    }
}
