use domain::{
    GuestId, Timestamp,
    access::{Authority, CreateGuests},
    commands::create_guest::{CreateGuest, CreateGuestRefusal},
};
use sea_orm::DatabaseTransaction;

use super::edit::{Edited, edit_command};
use crate::{
    StoreError,
    database::row_lock::LockMode,
    rows::{center_rows, guest_rows},
    search::insert_searchable,
};

edit_command! {
    /// Creates a guest. Returns after the commit.
    pub async fn create_guest(CreateGuest, CreateGuests) -> Result<GuestId, CreateGuestRefusal> { insert }
}

async fn insert(
    command: &CreateGuest,
    tx: &DatabaseTransaction,
    now: Timestamp,
    by: &Authority,
    _: LockMode,
) -> Result<Result<Edited<GuestId>, CreateGuestRefusal>, StoreError> {
    let centers = center_rows::existing_centers(tx, command.details.home_center.requested()).await?;
    let holder = guest_rows::find_guest_by_external_id(tx, command.details.external_id.as_ref()).await?;
    if let Err(refusal) = command.decide(by, !centers.is_empty(), holder) {
        return Ok(Err(refusal));
    }
    insert_searchable(tx, [guest_rows::guest_row(command.id, command.details.clone(), now)]).await?;
    Ok(Ok(Edited::changed(command.id)))
}
