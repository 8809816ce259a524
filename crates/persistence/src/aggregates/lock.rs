use std::collections::BTreeSet;

use domain::WorkshopId;
use sea_orm::{ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};

use crate::{
    StoreError,
    database::row_lock::{LockMode, lock_rows},
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
    lock_rows(db, list, workshops.len(), lock_mode).await
}
