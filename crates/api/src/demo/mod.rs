//! `atelier demo`: sample data in a temporary database.

mod data;
mod keys;
mod seed;
mod tabs;

use std::{env, net::SocketAddr, sync::Arc};

use persistence::{Clock, DatabaseUrl, Options, QueryObserver, Store, StoreError};
use tempfile::TempDir;

use crate::Playground;
use keys::DemoKey;
use seed::Seeded;
use tabs::{SampleRegistration, tabs};

/// The database of the demo. Dropping it deletes the database.
pub struct Demo {
    store: Arc<Store>,
    seeded: Seeded,
    keys: Vec<DemoKey>,
    _folder: TempDir,
}

impl Demo {
    /// Creates and fills the database. Dates are relative to now.
    pub async fn prepare() -> Result<Self, String> {
        Self::prepare_observed(None).await
    }

    /// Creates and fills the database, and reports each statement to the observer.
    pub(crate) async fn prepare_observed(observer: Option<QueryObserver>) -> Result<Self, String> {
        // An empty variable is an unset one, not the current folder.
        let parent = Some(env::temp_dir()).filter(|folder| !folder.as_os_str().is_empty());
        let parent = parent.unwrap_or_else(|| "/tmp".into());
        let folder = tempfile::Builder::new().prefix("atelier-demo-").tempdir_in(&parent);
        let message = |error| format!("cannot create a folder in {} (TMPDIR): {error}", parent.display());
        let folder = folder.map_err(message)?;
        let url = DatabaseUrl::sqlite_file(&folder.path().join("demo.db"));
        let message = |fault: StoreError| format!("cannot create {url}: {}", fault.operator_message());
        let clock = Clock::system();
        let seeded = seed::seed(&url, clock.now()).await.map_err(message)?;
        let store = Store::open(&url, Options { clock, observer, ..Options::default() }).await.map_err(message)?;
        let keys = keys::create(&store).await.map_err(message)?;
        Ok(Self { store: Arc::new(store), seeded, keys, _folder: folder })
    }

    /// The database.
    pub fn store(&self) -> Arc<Store> {
        self.store.clone()
    }

    /// The playground, with a tab for each outcome of a registration and for each operation.
    pub fn playground(&self) -> Playground {
        let notice = "Demo: no API key is required, and all data is deleted when the server stops.";
        Playground { notice: Some(notice.to_owned()), tabs: tabs(&self.seeded) }
    }

    /// The text that the demo prints when it accepts requests.
    pub fn greeting(&self, address: SocketAddr) -> String {
        let keys: Vec<_> = self.keys.iter().map(|key| format!("  {}  {}", key.text, key.name)).collect();
        let keys = keys.join("\n");
        let body = SampleRegistration::for_terminal(&self.seeded).body();
        format!(
            "Atelier's demo is ready. The playground: http://{address}/\n\
             \n\
             Or register a guest from a terminal:\n\
             \n  curl http://{address}/graphql -H 'content-type: application/json' -d '{body}'\n\
             \n\
             Requests without an API key have full access. To try a role, send one of these keys as\n\
             `Authorization: apikey <key>` (in the playground: in the Headers tab):\n\
             \n{keys}\n\
             \n\
             Ctrl-C stops it and deletes its data."
        )
    }
}
