//! The faults that a test injects into its servers, database, connections and disk.

use std::time::Duration;

use serde_json::json;

use crate::{
    client::Outcome,
    environment::Environment,
    proxy::Cut,
    test_bed::TestBed,
    wait::{pause, wait_until},
};

/// A kind of fault.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Fault {
    ServerKilled,
    ServerFrozen,
    DatabaseKilled,
    DatabaseStopped,
    CutBeforeCommit,
    CutAfterCommit,
    CutAnywhere,
    DiskFull,
}

impl TestBed {
    /// Injects a fault, and then removes it so that the servers can recover.
    pub(crate) fn inject_fault(&mut self, fault: Fault) {
        match (fault, &self.environment) {
            (Fault::ServerKilled, _) => self.kill_a_server(),
            (Fault::ServerFrozen, Environment::Postgres { .. }) => self.freeze_in_a_transaction(),
            (Fault::ServerFrozen, Environment::Sqlite { .. }) => self.freeze_for_a_second(),
            (Fault::DatabaseKilled, Environment::Postgres { cluster, .. }) => {
                cluster.kill();
                cluster.start_server();
            }
            (Fault::DatabaseStopped, Environment::Postgres { cluster, .. }) => {
                cluster.stop_immediately();
                cluster.start_server();
            }
            (Fault::CutBeforeCommit, _) => self.cut(Cut::BeforeCommit),
            (Fault::CutAfterCommit, _) => self.cut(Cut::AfterCommit),
            (Fault::CutAnywhere, _) => {
                let bytes = self.rng.usize(..50_000);
                self.cut(Cut::AfterBytes(bytes));
            }
            (Fault::DiskFull, _) => self.fill_the_disk(),
            (fault, _) => panic!("this environment does not support {fault:?}"),
        }
    }

    fn kill_a_server(&mut self) {
        let number = self.rng.usize(..self.servers.len());
        self.servers[number].signal("KILL");
        self.servers[number].process.wait().unwrap();
        self.servers[number] = self.start_server(number);
    }

    /// Freezes the first server while it has a workshop locked. PostgreSQL ends its session, so the other server continues.
    fn freeze_in_a_transaction(&self) {
        let frozen = &self.servers[0];
        wait_until("a server is frozen while it has a workshop locked", || {
            frozen.signal("STOP");
            let has_lock = self.first_server_has_lock();
            if !has_lock {
                frozen.signal("CONT");
            }
            has_lock
        });
        // The first attempt can fail: transactions of the frozen server queue for the lock, and each of them must time out.
        wait_until("the other server can lock each workshop", || self.can_lock_each_workshop(1));
        wait_until("PostgreSQL ends the frozen server's transactions", || !self.first_server_has_lock());
        frozen.signal("CONT");
        wait_until("the resumed server can lock each workshop", || self.can_lock_each_workshop(0));
    }

    /// Whether the first server has an idle transaction that has written or locked rows.
    fn first_server_has_lock(&self) -> bool {
        let Environment::Postgres { proxy, .. } = &self.environment else { return false };
        let ports = proxy.ports().iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        let idle_transactions = format!(
            "SELECT COUNT(*) FROM pg_stat_activity WHERE state = 'idle in transaction' AND backend_xid IS NOT NULL \
             AND client_port = ANY (ARRAY[{ports}]::int[])"
        );
        self.runtime.block_on(self.database.number(&idle_transactions)) > 0
    }

    /// Freezes the first server. SQLite cannot take a lock from a frozen process: other writers wait, or get a retryable
    /// error.
    fn freeze_for_a_second(&self) {
        self.servers[0].signal("STOP");
        pause(Duration::from_secs(1));
        self.servers[0].signal("CONT");
    }

    fn cut(&self, cut: Cut) {
        let Environment::Postgres { proxy, .. } = &self.environment else {
            panic!("{cut:?} needs the proxy of PostgreSQL")
        };
        proxy.schedule(cut);
        wait_until("the proxy cuts all connections", || proxy.has_cut());
    }

    fn fill_the_disk(&self) {
        let Environment::Sqlite { disk: Some(disk) } = &self.environment else {
            panic!("a full disk needs a mounted disk")
        };
        let center = &self.workshops[0].center;
        let can_write = |number: usize| {
            let query = "mutation ($input: GuestInput!) { createGuest(input: $input) { __typename } }";
            let input = json!({ "givenName": "A", "familyName": "Guest", "homeCenterId": center });
            let outcome = self.client.send(&self.addresses[number], query, &json!({ "input": input }));
            matches!(outcome, Outcome::Completed(_))
        };
        disk.fill();
        for number in 0..self.servers.len() {
            wait_until("a write on the full disk fails", || !can_write(number));
            let query = "query ($id: ID!) { workshop(id: $id) { seatsTaken } }";
            let outcome = self.client.send(&self.addresses[number], query, &json!({ "id": self.workshops[0].id }));
            assert!(matches!(outcome, Outcome::Completed(_)), "reads work on a full disk: {outcome:?}");
        }
        disk.free();
        for number in 0..self.servers.len() {
            wait_until("a write succeeds again", || can_write(number));
        }
    }
}
