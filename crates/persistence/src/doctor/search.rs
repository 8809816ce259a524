//! Sort keys and search words, which are derived from the texts of a row.

use domain::{CenterId, GuestId, WorkshopId};
use sea_orm::ConnectionTrait;
use uuid::Uuid;

use super::Finding;
use crate::{
    StoreError,
    entities::{center, guest, workshop},
    search::{Searchable, find_stale},
};

pub(super) async fn examine(db: &impl ConnectionTrait) -> Result<Vec<Finding>, StoreError> {
    let mut findings = stale::<guest::Model>(db, |id| GuestId::from_uuid(id).to_string()).await?;
    findings.extend(stale::<workshop::Model>(db, |id| WorkshopId::from_uuid(id).to_string()).await?);
    findings.extend(stale::<center::Model>(db, |id| CenterId::from_uuid(id).to_string()).await?);
    Ok(findings)
}

async fn stale<T: Searchable>(db: &impl ConnectionTrait, name: fn(Uuid) -> String) -> Result<Vec<Finding>, StoreError> {
    let detail = "its sort key or its search words do not match its texts";
    Ok(find_stale::<T>(db).await?.into_iter().map(|id| Finding::new(&name(id), detail)).collect())
}
