use std::collections::BTreeSet;

use domain::{
    GuestId, Timestamp,
    access::{Authority, UpdateGuests},
    commands::update_guest::{UpdateGuest, UpdateGuestRefusal},
    problems::GuestInvalid,
};
use sea_orm::{DatabaseTransaction, EntityTrait};

use super::edit::{Edited, edit_command};
use crate::{
    StoreError,
    database::row_lock::{LockMode, lock_row},
    entities::guest,
    rows::{center_rows, guest_rows},
};

edit_command! {
    /// Updates a guest. Returns after the commit.
    pub async fn update_guest(UpdateGuest, UpdateGuests) -> Result<GuestId, UpdateGuestRefusal> { update locks guest }
}

async fn update(
    command: &UpdateGuest,
    tx: &DatabaseTransaction,
    now: Timestamp,
    by: &Authority,
    lock_mode: LockMode,
) -> Result<Result<Edited<GuestId>, UpdateGuestRefusal>, StoreError> {
    let Some(id) = command.guest else { return Ok(Err(GuestInvalid.into())) };
    let locked = lock_row(tx, guest::Entity::find_by_id(id.uuid()), lock_mode).await?;
    let Some(row) = locked else { return Ok(Err(GuestInvalid.into())) };
    if guest_rows::visible_guests(tx, BTreeSet::from([id]), by).await?.is_empty() {
        return Ok(Err(GuestInvalid.into()));
    }
    let changes = &command.changes;
    let centers = center_rows::existing_centers(tx, changes.home_center.requested()).await?;
    let holder = guest_rows::find_guest_by_external_id(tx, changes.external_id.value()).await?;
    if let Err(refusal) = command.decide(by, id, !centers.is_empty(), holder) {
        return Ok(Err(refusal));
    }
    let changed = guest_rows::apply_changes(&row, changes);
    if changed.external_id != row.external_id
        && let Err(invalid) = command.ensure_can_replace_external_id(row.external_id.as_deref(), by)
    {
        return Ok(Err(invalid.into()));
    }
    let has_changes = changed != row;
    if has_changes {
        guest_rows::update_guests(tx, vec![changed], now).await?;
    }
    Ok(Ok(Edited { success: id, has_changes }))
}
