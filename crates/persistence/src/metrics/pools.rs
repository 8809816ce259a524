use prometheus_client::{
    metrics::{family::Family, gauge::Gauge},
    registry::Registry,
};
use sea_orm::{
    DatabaseConnection, DbBackend,
    sqlx::{Database, Pool},
};

use super::Labels;

/// The pools of connections to the database. SQLite has a pool of readers and one writer. PostgreSQL has a pool for the
/// lanes, one for work that waits for another transaction, and one for everything else.
#[derive(Clone, Debug, Default)]
pub(super) struct Pools {
    connections: Family<Labels<2>, Gauge>,
    max: Family<Labels<1>, Gauge>,
}

impl Pools {
    pub(super) fn register(&self, registry: &mut Registry) {
        let help = "Open connections to the database";
        registry.register("database_connections", help, self.connections.clone());
        let help = "The maximum number of connections to the database that can be open";
        registry.register("database_connections_max", help, self.max.clone());
    }

    pub(super) fn record_gauges(
        &self,
        read: &DatabaseConnection,
        write: &DatabaseConnection,
        lanes: &DatabaseConnection,
        waiting: &DatabaseConnection,
    ) {
        if write.get_database_backend() == DbBackend::Postgres {
            self.record_pool("other", write.get_postgres_connection_pool());
            self.record_pool("lanes", lanes.get_postgres_connection_pool());
            self.record_pool("waiting", waiting.get_postgres_connection_pool());
        } else {
            self.record_pool("read", read.get_sqlite_connection_pool());
            self.record_pool("write", write.get_sqlite_connection_pool());
        }
    }

    fn record_pool<DB: Database>(&self, name: &'static str, pool: &Pool<DB>) {
        let idle = i64::try_from(pool.num_idle()).unwrap_or(i64::MAX);
        let busy = (i64::from(pool.size()) - idle).max(0);
        for (state, connections) in [("idle", idle), ("busy", busy)] {
            self.connections.get_or_create(&[("pool", name), ("state", state)]).set(connections);
        }
        self.max.get_or_create(&[("pool", name)]).set(pool.options().get_max_connections().into());
    }
}
