//! API keys: how they are kept, and how the holder of one is recognized.

mod authenticate;
mod cache;
mod rows;

use tokio::sync::watch;

pub use authenticate::AuthenticatedKey;
pub(crate) use cache::ApiKeyCache;
pub(crate) use rows::{centers_of, insert_api_key, lock_api_key, random_api_key};

use crate::Store;

impl Store {
    /// Hears of it when an API key is changed on this server, as when it is revoked.
    pub fn api_key_changes(&self) -> watch::Receiver<()> {
        self.keys.changes()
    }
}
