//! API keys: how they are kept, and how the holder of one is recognized.

mod create;
mod list;
mod memory;
mod recognize;
mod revoke;
mod rotate;

use domain::{ApiKeyText, commands::revoke_api_key::WhichApiKey};
use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, QuerySelect, sea_query::LockType};

use tokio::sync::watch;

pub use create::MadeApiKey;
pub use list::NEWEST_FIRST;
pub(crate) use memory::KeyMemory;
pub use recognize::HeldKey;

use crate::{ApiKeyRow, Store, StoreError, entities::api_key};

/// A key that nobody has.
fn random_key() -> Result<ApiKeyText, StoreError> {
    let (mut prefix, mut secret) = ([0; 5], [0; 20]);
    getrandom::fill(&mut prefix).and_then(|()| getrandom::fill(&mut secret)).map_err(StoreError::NoRandomness)?;
    Ok(ApiKeyText::of(prefix, secret))
}

/// Keeps others from changing a key, and tells what it is.
async fn hold(tx: &DatabaseTransaction, key: Option<&WhichApiKey>) -> Result<Option<ApiKeyRow>, StoreError> {
    let Some(key) = key else { return Ok(None) };
    let which = match key {
        WhichApiKey::Id(id) => api_key::Column::Id.eq(id.uuid()),
        WhichApiKey::Prefix(prefix) => api_key::Column::Prefix.eq(prefix.to_string()),
    };
    Ok(api_key::Entity::find().filter(which).lock(LockType::NoKeyUpdate).one(tx).await?)
}

impl Store {
    /// Hears of it when an API key is changed on this server, as when it is revoked.
    pub fn api_key_changes(&self) -> watch::Receiver<()> {
        self.keys.changes()
    }
}
