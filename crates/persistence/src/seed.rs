//! Rows for the demo, tests and benchmarks: centers, guests, and workshops with their tracks and sessions.

use domain::{CenterId, ExternalId, GuestId, TrackId};
use sea_orm::{ActiveModelBehavior, EntityTrait, IntoActiveModel};

use crate::{
    CenterRow, GuestRow, Store, StoreError,
    database::transaction,
    rows::workshop_rows::{NewWorkshop, insert_workshop},
    search::{Searchable, insert_searchable},
};

/// A center to insert.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the schema describes the fields to clients")]
pub struct NewCenter {
    pub id: CenterId,
    pub name: String,
    pub time_zone: String,
}

/// A guest to insert.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the schema describes the fields to clients")]
pub struct NewGuest {
    pub id: GuestId,
    pub external_id: Option<ExternalId>,
    pub given_name: String,
    pub family_name: String,
    pub email: Option<String>,
    pub phone: Option<String>,
    pub home_center: Option<CenterId>,
}

impl Store {
    /// Inserts centers.
    pub async fn add_centers(&self, centers: Vec<NewCenter>) -> Result<(), StoreError> {
        let now = self.clock.now();
        let rows = centers.into_iter().map(|new| CenterRow {
            id: new.id.uuid(),
            external_id: None,
            name: new.name,
            time_zone: new.time_zone,
            created_at: now,
            updated_at: now,
            sort_key: String::new(),
        });
        self.insert_all(rows).await
    }

    /// Inserts guests.
    pub async fn add_guests(&self, guests: Vec<NewGuest>) -> Result<(), StoreError> {
        let now = self.clock.now();
        let rows = guests.into_iter().map(|new| GuestRow {
            id: new.id.uuid(),
            external_id: new.external_id.map(|id| id.as_str().to_owned()),
            given_name: new.given_name,
            family_name: new.family_name,
            email: new.email,
            phone: new.phone,
            home_center_id: new.home_center.map(|id| id.uuid()),
            created_at: now,
            updated_at: now,
            sort_key: String::new(),
        });
        self.insert_all(rows).await
    }

    async fn insert_all<T: Searchable + IntoActiveModel<<T::Entity as EntityTrait>::ActiveModel>>(
        &self,
        rows: impl Iterator<Item = T>,
    ) -> Result<(), StoreError>
    where
        <T::Entity as EntityTrait>::ActiveModel: ActiveModelBehavior + Send,
    {
        let tx = transaction::begin(&self.write).await?;
        insert_searchable(&tx, rows).await?;
        Ok(tx.commit().await?)
    }

    /// Inserts a workshop with its tracks and sessions. Returns the ids of the tracks, in the order given.
    pub async fn add_workshop(&self, new: NewWorkshop) -> Result<Vec<TrackId>, StoreError> {
        let tx = transaction::begin(&self.write).await?;
        let tracks = insert_workshop(&tx, new, self.clock.now()).await?;
        tx.commit().await?;
        Ok(tracks)
    }
}
