//! The database under test, and the parts of it that faults can break.

use tests::{Backend, Cluster, Database};

use crate::{disk::Disk, proxy::Proxy};

pub(crate) enum Environment {
    /// The first server connects through the proxy, the second one directly.
    Postgres {
        cluster: Cluster,
        proxy: Proxy,
    },
    Sqlite {
        disk: Option<Disk>,
    },
}

impl Environment {
    /// PostgreSQL with its default durability, behind a proxy.
    pub(crate) fn on_cluster(cluster: Cluster) -> Self {
        let proxy = Proxy::start(cluster.port());
        Self::Postgres { cluster, proxy }
    }

    /// Creates a database, and returns its URL for each of the two servers.
    pub(crate) async fn create_database(&self) -> (Database, Vec<String>) {
        let database = match self {
            Self::Postgres { cluster, .. } => Database::on_cluster(cluster).await,
            Self::Sqlite { disk: Some(disk) } => Database::in_folder(disk.path()).await,
            Self::Sqlite { disk: None } => Database::migrated(Backend::Sqlite).await.unwrap(),
        };
        let direct = database.url.clone();
        let first = match self {
            Self::Postgres { cluster, proxy } => {
                direct.replace(&format!(":{}/", cluster.port()), &format!(":{}/", proxy.port))
            }
            Self::Sqlite { .. } => direct.clone(),
        };
        (database, vec![first, direct])
    }
}
