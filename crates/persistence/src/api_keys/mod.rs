//! API keys: how they are stored, and how a key is authenticated.

mod authenticate;
mod cache;
mod rows;

use tokio::sync::watch;

pub use authenticate::AuthenticatedKey;
pub(crate) use cache::ApiKeyCache;
pub(crate) use rows::{api_key_centers, insert_api_key, lock_api_key, random_api_key};

use crate::Store;

impl Store {
    /// Notifies when an API key changes on this server, for example when it is revoked.
    pub fn api_key_changes(&self) -> watch::Receiver<()> {
        self.keys.changes()
    }
}
