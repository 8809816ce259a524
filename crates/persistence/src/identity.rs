//! Whom a token means: identity providers know centers and guests by our ids, or by those of another system.

use std::collections::BTreeSet;

use domain::{CenterId, ExternalId, GuestId};

use crate::{
    Store, StoreError,
    rows::{center_rows, guest_rows},
};

impl Store {
    /// The centers with these ids, ours or of another system; what names none is left out.
    pub async fn centers_called(&self, names: &[String]) -> Result<BTreeSet<CenterId>, StoreError> {
        // Each token is looked at with every request: two statements at most, however many centers it names.
        let (mut ids, mut external_ids) = (Vec::new(), Vec::new());
        for name in names {
            match name.parse::<CenterId>() {
                Ok(id) => ids.push(id),
                Err(_) => external_ids.extend(ExternalId::parse(name).ok()),
            }
        }
        let mut centers = center_rows::known_centers(&self.read, ids).await?;
        centers.extend(center_rows::centers_called(&self.read, &external_ids).await?);
        Ok(centers.into_iter().collect())
    }

    /// The guest with this id, ours or of another system.
    pub async fn guest_called(&self, name: &str) -> Result<Option<GuestId>, StoreError> {
        match name.parse() {
            Ok(id) => guest_rows::known_guest(&self.read, id).await,
            Err(_) => guest_rows::guest_called(&self.read, ExternalId::parse(name).ok().as_ref()).await,
        }
    }
}
