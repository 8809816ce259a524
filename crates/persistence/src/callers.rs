//! Whom a token means: identity providers know centers and guests by our ids, or by those of another system.

use std::collections::BTreeSet;

use domain::{CenterId, ExternalId, GuestId};

use crate::{Store, StoreError, people};

impl Store {
    /// The centers with these ids, ours or of another system; what names none is left out.
    pub async fn centers_called(&self, names: &[String]) -> Result<BTreeSet<CenterId>, StoreError> {
        let mut centers = BTreeSet::new();
        for name in names {
            match name.parse() {
                Ok(id) => centers.extend(people::known_centers(&self.read, [id]).await?),
                Err(_) => {
                    centers.extend(people::center_called(&self.read, ExternalId::parse(name).ok().as_ref()).await?);
                }
            }
        }
        Ok(centers)
    }

    /// The guest with this id, ours or of another system.
    pub async fn guest_called(&self, name: &str) -> Result<Option<GuestId>, StoreError> {
        match name.parse() {
            Ok(id) => people::known_guest(&self.read, id).await,
            Err(_) => people::guest_called(&self.read, ExternalId::parse(name).ok().as_ref()).await,
        }
    }
}
