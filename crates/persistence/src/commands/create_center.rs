use domain::{
    CenterId, Fingerprint,
    access::{Authority, ManageCenters},
    commands::create_center::{CreateCenter, CreateCenterRefusal},
};
use sea_orm::DatabaseTransaction;

use super::{CommandContext, edit::Edit};
use crate::{CenterRow, Clock, Store, StoreError, rows::center_rows, search::insert_searchable};

impl Store {
    /// Enters a center. Answers after the commit.
    pub async fn create_center(
        &self,
        command: CreateCenter,
        caller: CommandContext<ManageCenters>,
    ) -> Result<Result<CenterId, CreateCenterRefusal>, StoreError> {
        self.edit(command, caller.erase()).await
    }
}

impl Edit for CreateCenter {
    type Success = CenterId;
    type Refusal = CreateCenterRefusal;

    fn fingerprint(&self) -> Fingerprint {
        self.fingerprint
    }

    async fn run(
        &self,
        tx: &DatabaseTransaction,
        clock: &Clock,
        _: &Authority,
    ) -> Result<Result<CenterId, CreateCenterRefusal>, StoreError> {
        let now = clock.now();
        let holder = center_rows::center_called(tx, self.details.external_id.as_ref()).await?;
        if let Err(refusal) = self.decide(holder) {
            return Ok(Err(refusal));
        }
        let row = CenterRow {
            id: self.id.uuid(),
            external_id: self.details.external_id.as_ref().map(|id| id.as_str().to_owned()),
            name: self.details.name.as_str().to_owned(),
            time_zone: self.details.time_zone.name().to_owned(),
            created_at: now,
            updated_at: now,
            sort_key: String::new(),
        };
        insert_searchable(tx, [row]).await?;
        Ok(Ok(self.id))
    }
}
