use std::collections::BTreeSet;

use domain::{
    Fingerprint, GuestId,
    access::{Authority, UpdateGuests},
    commands::update_guest::{UpdateGuest, UpdateGuestRefusal},
    problems::GuestInvalid,
};
use sea_orm::{DatabaseTransaction, EntityTrait, QuerySelect, sea_query::LockType};

use super::{CommandContext, edit::Edit};
use crate::{
    Clock, Store, StoreError,
    entities::guest,
    rows::{center_rows, guest_rows},
};

impl Store {
    /// Changes what is known of a guest. Answers after the commit.
    pub async fn update_guest(
        &self,
        command: UpdateGuest,
        caller: CommandContext<UpdateGuests>,
    ) -> Result<Result<GuestId, UpdateGuestRefusal>, StoreError> {
        self.edit(command, caller.erase()).await
    }
}

impl Edit for UpdateGuest {
    type Success = GuestId;
    type Refusal = UpdateGuestRefusal;

    fn fingerprint(&self) -> Fingerprint {
        self.fingerprint
    }

    async fn run(
        &self,
        tx: &DatabaseTransaction,
        clock: &Clock,
        by: &Authority,
    ) -> Result<Result<GuestId, UpdateGuestRefusal>, StoreError> {
        let now = clock.now();
        let Some(id) = self.guest else { return Ok(Err(GuestInvalid.into())) };
        let held = guest::Entity::find_by_id(id.uuid()).lock(LockType::NoKeyUpdate).one(tx).await?;
        let Some(row) = held else { return Ok(Err(GuestInvalid.into())) };
        if guest_rows::seen_guests(tx, BTreeSet::from([id]), by).await?.is_empty() {
            return Ok(Err(GuestInvalid.into()));
        }
        let known = center_rows::known_centers(tx, self.changes.home_center.requested()).await?;
        let holder = guest_rows::guest_called(tx, self.changes.external_id.value()).await?;
        if let Err(refusal) = self.decide(by, id, !known.is_empty(), holder) {
            return Ok(Err(refusal));
        }
        let changed = guest_rows::changed_guest(&row, &self.changes);
        if changed.external_id != row.external_id
            && let Err(invalid) = Self::ensure_can_change_external_id(by)
        {
            return Ok(Err(invalid.into()));
        }
        if changed != row {
            guest_rows::write_guests(tx, vec![changed], now).await?;
        }
        Ok(Ok(id))
    }
}
