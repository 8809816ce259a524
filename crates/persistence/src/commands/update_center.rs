use domain::{
    CenterId, Timestamp,
    access::{Authority, ManageCenters},
    commands::update_center::{UpdateCenter, UpdateCenterRefusal},
    problems::CenterInvalid,
};
use sea_orm::{DatabaseTransaction, EntityTrait};

use super::edit::{Edited, edit_command};
use crate::{
    CenterRow, StoreError,
    database::row_lock::{LockMode, lock_row},
    entities::center,
    rows::center_rows,
    search::Searchable,
};

edit_command! {
    /// Updates a center. Returns after the commit.
    pub async fn update_center(UpdateCenter, ManageCenters) -> Result<CenterId, UpdateCenterRefusal> { update locks center }
}

async fn update(
    command: &UpdateCenter,
    tx: &DatabaseTransaction,
    now: Timestamp,
    _: &Authority,
    lock_mode: LockMode,
) -> Result<Result<Edited<CenterId>, UpdateCenterRefusal>, StoreError> {
    let Some(id) = command.center else { return Ok(Err(CenterInvalid.into())) };
    let locked = lock_row(tx, center::Entity::find_by_id(id.uuid()), lock_mode).await?;
    let Some(row) = locked else { return Ok(Err(CenterInvalid.into())) };
    let changes = &command.changes;
    let holder = center_rows::find_center_by_external_id(tx, changes.external_id.value()).await?;
    if let Err(refusal) = command.decide(id, row.external_id.as_deref(), holder) {
        return Ok(Err(refusal));
    }
    let changed = CenterRow {
        external_id: changes.external_id.clone().map(|id| id.as_str().to_owned()).apply_to(row.external_id.clone()),
        name: changes.name.as_ref().map_or_else(|| row.name.clone(), |name| name.as_str().to_owned()),
        time_zone: changes.time_zone.map_or_else(|| row.time_zone.clone(), |zone| zone.name().to_owned()),
        ..row.clone()
    }
    .with_sort_key();
    let has_changes = changed != row;
    if has_changes {
        center_rows::update_center(tx, changed, now).await?;
    }
    Ok(Ok(Edited { success: id, has_changes }))
}
