//! Identities: the centers and the guest that a token names, by our ids or by those of another system.

use std::collections::BTreeSet;

use domain::{CenterId, ExternalId, GuestId};

use crate::{
    Store, StoreError,
    rows::{center_rows, guest_rows},
};

impl Store {
    /// The centers with these ids, ours or external. Unknown ids are skipped.
    pub async fn resolve_centers(&self, names: &[String]) -> Result<BTreeSet<CenterId>, StoreError> {
        // Every request with a token runs this: two statements at most, however many centers the token names.
        let (mut ids, mut external_ids) = (Vec::new(), Vec::new());
        for name in names {
            match name.parse::<CenterId>() {
                Ok(id) => ids.push(id),
                Err(_) => external_ids.extend(ExternalId::parse(name).ok()),
            }
        }
        let mut centers = center_rows::existing_centers(&self.read, ids).await?;
        centers.extend(center_rows::find_centers_by_external_ids(&self.read, &external_ids).await?);
        Ok(centers.into_iter().collect())
    }

    /// The guest with this id, ours or external.
    pub async fn resolve_guest(&self, name: &str) -> Result<Option<GuestId>, StoreError> {
        match name.parse() {
            Ok(id) => guest_rows::find_guest(&self.read, id).await,
            Err(_) => guest_rows::find_guest_by_external_id(&self.read, ExternalId::parse(name).ok().as_ref()).await,
        }
    }
}
