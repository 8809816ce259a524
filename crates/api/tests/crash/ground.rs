//! Where the data is, and what can break about it.

use tests::{Backend, Cluster, Database};

use crate::{disk::Disk, proxy::Proxy};

pub(crate) enum Ground {
    /// The first server comes through the proxy.
    Postgres {
        cluster: Cluster,
        proxy: Proxy,
    },
    Sqlite {
        disk: Option<Disk>,
    },
}

impl Ground {
    /// A PostgreSQL as durable as it comes.
    pub(crate) fn on(cluster: Cluster) -> Self {
        let proxy = Proxy::to(cluster.port());
        Self::Postgres { cluster, proxy }
    }

    /// A database, and how each of two servers calls it.
    pub(crate) async fn database(&self) -> (Database, Vec<String>) {
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
