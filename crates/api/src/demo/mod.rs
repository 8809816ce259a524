//! `atelier demo`: a believable data set in a temporary database.

mod data;
mod keys;
mod seed;
mod tabs;

use std::{net::SocketAddr, sync::Arc};

use persistence::{Clock, DatabaseUrl, Options, QueryObserver, Store, StoreError};
use tempfile::TempDir;

use crate::Playground;
use keys::DemoKey;
use seed::Seeded;
pub(crate) use tabs::example;
use tabs::{Attempt, tabs};

/// A database of the demo; it is deleted when this is dropped.
pub struct Demo {
    store: Arc<Store>,
    seeded: Seeded,
    keys: Vec<DemoKey>,
    _folder: TempDir,
}

impl Demo {
    /// Makes the database, as of now.
    pub async fn prepare() -> Result<Self, String> {
        Self::prepare_heard(None).await
    }

    /// The same, of whose statements somebody hears.
    pub(crate) async fn prepare_heard(observer: Option<QueryObserver>) -> Result<Self, String> {
        let folder = tempfile::Builder::new().prefix("atelier-demo-").tempdir();
        let folder = folder.map_err(|error| format!("cannot make a temporary folder: {error}"))?;
        let url = DatabaseUrl::sqlite_file(&folder.path().join("demo.db"));
        let said = |fault: StoreError| format!("cannot make the demo's database: {}", fault.operator_message());
        let clock = Clock::system();
        let seeded = seed::seed(&url, clock.now()).await.map_err(said)?;
        let store = Store::open(&url, Options { clock, observer, ..Options::default() }).await.map_err(said)?;
        let keys = keys::make(&store).await.map_err(said)?;
        Ok(Self { store: Arc::new(store), seeded, keys, _folder: folder })
    }

    /// The database.
    pub fn store(&self) -> Arc<Store> {
        self.store.clone()
    }

    /// The playground, with a tab for each answer.
    pub fn playground(&self) -> Playground {
        let notice = "This is a demo: nobody is asked for a key, and all of it is gone when the server stops.";
        Playground { notice: Some(notice.to_owned()), tabs: tabs(&self.seeded) }
    }

    /// What is printed when the demo can be used.
    pub fn greeting(&self, address: SocketAddr) -> String {
        let keys: Vec<_> = self.keys.iter().map(|key| format!("  {}  {}", key.text, key.what_for)).collect();
        let keys = keys.join("\n");
        let body = Attempt::from_a_terminal(&self.seeded).body();
        format!(
            "Atelier's demo is ready. The playground: http://{address}/\n\
             \n\
             Or register a guest from a terminal:\n\
             \n  curl http://{address}/graphql -H 'content-type: application/json' -d '{body}'\n\
             \n\
             No key is needed on this machine, and who sends none may do everything. To see what others may, send one of\n\
             these with `Authorization: apikey …` (in the playground: the tab Headers):\n\
             \n{keys}\n\
             \n\
             Ctrl-C stops it, and everything in it is gone."
        )
    }
}
