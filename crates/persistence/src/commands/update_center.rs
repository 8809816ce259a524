use domain::{
    CenterId, Fingerprint,
    access::{Authority, ManageCenters},
    commands::update_center::{UpdateCenter, UpdateCenterRefusal},
    problems::CenterInvalid,
};
use sea_orm::{DatabaseTransaction, EntityTrait, QuerySelect, sea_query::LockType};

use super::{CommandContext, edit::Edit};
use crate::{CenterRow, Clock, Store, StoreError, entities::center, rows::center_rows, search::Searchable};

impl Store {
    /// Changes what is known of a center. Answers after the commit.
    pub async fn update_center(
        &self,
        command: UpdateCenter,
        caller: CommandContext<ManageCenters>,
    ) -> Result<Result<CenterId, UpdateCenterRefusal>, StoreError> {
        self.edit(command, caller.erase()).await
    }
}

impl Edit for UpdateCenter {
    type Success = CenterId;
    type Refusal = UpdateCenterRefusal;

    fn fingerprint(&self) -> Fingerprint {
        self.fingerprint
    }

    async fn run(
        &self,
        tx: &DatabaseTransaction,
        clock: &Clock,
        _: &Authority,
    ) -> Result<Result<CenterId, UpdateCenterRefusal>, StoreError> {
        let now = clock.now();
        let Some(id) = self.center else { return Ok(Err(CenterInvalid.into())) };
        let held = center::Entity::find_by_id(id.uuid()).lock(LockType::NoKeyUpdate).one(tx).await?;
        let Some(row) = held else { return Ok(Err(CenterInvalid.into())) };
        let changes = &self.changes;
        if let Err(refusal) = Self::decide(id, center_rows::center_called(tx, changes.external_id.value()).await?) {
            return Ok(Err(refusal));
        }
        let changed = CenterRow {
            external_id: changes.external_id.clone().map(|id| id.as_str().to_owned()).apply_to(row.external_id.clone()),
            name: changes.name.as_ref().map_or_else(|| row.name.clone(), |name| name.as_str().to_owned()),
            time_zone: changes.time_zone.map_or_else(|| row.time_zone.clone(), |zone| zone.name().to_owned()),
            ..row.clone()
        }
        .sorted();
        if changed != row {
            center_rows::write_center(tx, changed, now).await?;
        }
        Ok(Ok(id))
    }
}
