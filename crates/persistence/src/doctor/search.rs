//! What things are ordered and found by, which their texts say.

use domain::{CenterId, GuestId, WorkshopId};
use sea_orm::ConnectionTrait;
use uuid::Uuid;

use super::Finding;
use crate::{
    StoreError,
    entities::{center, guest, workshop},
    search::{Searchable, mend, stale},
};

pub(super) async fn examine(db: &impl ConnectionTrait) -> Result<Vec<Finding>, StoreError> {
    let mut findings = of::<guest::Model>(db, |id| GuestId::from_uuid(id).to_string()).await?;
    findings.extend(of::<workshop::Model>(db, |id| WorkshopId::from_uuid(id).to_string()).await?);
    findings.extend(of::<center::Model>(db, |id| CenterId::from_uuid(id).to_string()).await?);
    Ok(findings)
}

async fn of<T: Searchable>(db: &impl ConnectionTrait, name: fn(Uuid) -> String) -> Result<Vec<Finding>, StoreError> {
    let stale = stale::<T>(db).await?;
    Ok(stale.into_iter().map(|id| Finding::of(&name(id), "it is not listed and found as its texts say")).collect())
}

/// Lists and finds as their texts say all that is not; returns how many that were.
pub(super) async fn repair(db: &impl ConnectionTrait) -> Result<u64, StoreError> {
    async fn all<T: Searchable>(db: &impl ConnectionTrait) -> Result<usize, StoreError> {
        let stale = stale::<T>(db).await?;
        mend::<T>(db, &stale).await?;
        Ok(stale.len())
    }
    let mended = all::<guest::Model>(db).await? + all::<workshop::Model>(db).await? + all::<center::Model>(db).await?;
    Ok(mended as u64)
}
