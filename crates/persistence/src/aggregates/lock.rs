use std::collections::BTreeSet;

use domain::WorkshopId;
use sea_orm::{ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};

use super::LockMode;
use crate::{
    StoreError,
    database::row_lock::{lock_free_rows, lock_rows},
    entities::workshop,
    rows::row_set::one_of,
};

/// The rows of these workshops. With [`LockMode::SkipHeld`], those that another transaction holds are missing.
pub(super) async fn workshop_rows(
    db: &impl ConnectionTrait,
    workshops: &BTreeSet<WorkshopId>,
    lock_mode: LockMode,
) -> Result<Vec<workshop::Model>, StoreError> {
    let ids = workshops.iter().map(|id| id.uuid());
    let list = workshop::Entity::find()
        .filter(one_of(db.get_database_backend(), workshop::Column::Id, ids))
        // Ascending, so that two transactions never wait for each other.
        .order_by_asc(workshop::Column::Id);
    match lock_mode {
        LockMode::None => Ok(list.all(db).await?),
        LockMode::SkipHeld => Ok(lock_free_rows(db, list).await?),
        LockMode::WaitUntil(until) => lock_rows(db, list, workshops.len(), until).await,
    }
}
