use domain::{
    CenterId, Timestamp,
    access::{Authority, ManageCenters},
    commands::create_center::{CreateCenter, CreateCenterRefusal},
};
use sea_orm::DatabaseTransaction;

use super::edit::{Edited, edit_command};
use crate::{CenterRow, StoreError, database::row_lock::LockMode, rows::center_rows, search::insert_searchable};

edit_command! {
    /// Creates a center. Returns after the commit.
    pub async fn create_center(CreateCenter, ManageCenters) -> Result<CenterId, CreateCenterRefusal> { insert }
}

async fn insert(
    command: &CreateCenter,
    tx: &DatabaseTransaction,
    now: Timestamp,
    _: &Authority,
    _: LockMode,
) -> Result<Result<Edited<CenterId>, CreateCenterRefusal>, StoreError> {
    let details = &command.details;
    let holder = center_rows::find_center_by_external_id(tx, details.external_id.as_ref()).await?;
    if let Err(refusal) = command.decide(holder) {
        return Ok(Err(refusal));
    }
    let row = CenterRow {
        id: command.id.uuid(),
        external_id: details.external_id.as_ref().map(|id| id.as_str().to_owned()),
        name: details.name.as_str().to_owned(),
        time_zone: details.time_zone.name().to_owned(),
        created_at: now,
        updated_at: now,
        sort_key: String::new(),
    };
    insert_searchable(tx, [row]).await?;
    Ok(Ok(Edited::changed(command.id)))
}
