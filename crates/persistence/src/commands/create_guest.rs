use domain::{
    Fingerprint, GuestId,
    access::{Authority, CreateGuests},
    commands::create_guest::{CreateGuest, CreateGuestRefusal},
};
use sea_orm::DatabaseTransaction;

use super::{CommandContext, edit::Edit};
use crate::{
    Clock, Store, StoreError,
    rows::{center_rows, guest_rows},
    search::insert_searchable,
};

impl Store {
    /// Enters a guest. Answers after the commit.
    pub async fn create_guest(
        &self,
        command: CreateGuest,
        caller: CommandContext<CreateGuests>,
    ) -> Result<Result<GuestId, CreateGuestRefusal>, StoreError> {
        self.edit(command, caller.erase()).await
    }
}

impl Edit for CreateGuest {
    type Success = GuestId;
    type Refusal = CreateGuestRefusal;

    fn fingerprint(&self) -> Fingerprint {
        self.fingerprint
    }

    async fn run(
        &self,
        tx: &DatabaseTransaction,
        clock: &Clock,
        by: &Authority,
    ) -> Result<Result<GuestId, CreateGuestRefusal>, StoreError> {
        let now = clock.now();
        let known = center_rows::known_centers(tx, self.details.home_center.requested()).await?;
        let holder = guest_rows::guest_called(tx, self.details.external_id.as_ref()).await?;
        if let Err(refusal) = self.decide(by, !known.is_empty(), holder) {
            return Ok(Err(refusal));
        }
        insert_searchable(tx, [guest_rows::new_guest(self.id, self.details.clone(), now)]).await?;
        Ok(Ok(self.id))
    }
}
