//! What happens to a room.

use std::time::Duration;

use serde_json::json;

use crate::{
    ask::Answer,
    chance::{pause, until},
    ground::Ground,
    proxy::Cut,
    room::Room,
};

/// A kind of crash.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Crash {
    ServerKilled,
    ServerFrozen,
    DatabaseKilled,
    DatabaseStopped,
    CutBeforeCommit,
    CutAfterCommit,
    CutAnywhere,
    DiskFull,
}

impl Room {
    /// Lets it happen, and sees to it that everything can go on.
    pub(crate) fn strike(&mut self, crash: Crash) {
        match (crash, &self.ground) {
            (Crash::ServerKilled, _) => self.kill_a_server(),
            (Crash::ServerFrozen, Ground::Postgres { .. }) => self.freeze_in_a_transaction(),
            (Crash::ServerFrozen, Ground::Sqlite { .. }) => self.freeze_for_a_second(),
            (Crash::DatabaseKilled, Ground::Postgres { cluster, .. }) => {
                cluster.kill();
                cluster.start_server();
            }
            (Crash::DatabaseStopped, Ground::Postgres { cluster, .. }) => {
                cluster.stop_immediately();
                cluster.start_server();
            }
            (Crash::CutBeforeCommit, _) => self.cut(Cut::BeforeCommit),
            (Crash::CutAfterCommit, _) => self.cut(Cut::AfterCommit),
            (Crash::CutAnywhere, _) => {
                let bytes = self.rng.usize(..50_000);
                self.cut(Cut::After(bytes));
            }
            (Crash::DiskFull, _) => self.fill_the_disk(),
            (crash, _) => panic!("no {crash:?} here"),
        }
    }

    fn kill_a_server(&mut self) {
        let number = self.rng.usize(..self.servers.len());
        self.servers[number].signal("KILL");
        self.servers[number].process.wait().unwrap();
        self.servers[number] = self.start(number);
    }

    /// The other server goes on, for the database takes from the first what it holds.
    fn freeze_in_a_transaction(&self) {
        let frozen = &self.servers[0];
        until("a server stands still with a workshop in its hands", || {
            frozen.signal("STOP");
            let holds = self.is_held();
            if !holds {
                frozen.signal("CONT");
            }
            holds
        });
        // Not at the first attempt: of its transactions that wait for one another, each has its time when the last is over.
        until("the other server has each workshop", || self.reaches_each_workshop(1));
        until("the database takes from it what it holds", || !self.is_held());
        frozen.signal("CONT");
        until("the server that stood still goes on", || self.reaches_each_workshop(0));
    }

    /// Whether the first server has a transaction that has written or locked something, and does nothing.
    fn is_held(&self) -> bool {
        let Ground::Postgres { proxy, .. } = &self.ground else { return false };
        let ports = proxy.ports().iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        let held = format!(
            "SELECT COUNT(*) FROM pg_stat_activity WHERE state = 'idle in transaction' AND backend_xid IS NOT NULL \
             AND client_port = ANY (ARRAY[{ports}]::int[])"
        );
        self.runtime.block_on(self.database.number(&held)) > 0
    }

    /// SQLite has nobody who could take from a process what it holds: the others wait, or are told to try again.
    fn freeze_for_a_second(&self) {
        self.servers[0].signal("STOP");
        pause(Duration::from_secs(1));
        self.servers[0].signal("CONT");
    }

    fn cut(&self, cut: Cut) {
        let Ground::Postgres { proxy, .. } = &self.ground else { panic!("no {cut:?} here") };
        proxy.order(cut);
        until("all is cut", || proxy.has_cut());
    }

    fn fill_the_disk(&self) {
        let Ground::Sqlite { disk: Some(disk) } = &self.ground else { panic!("no disk here") };
        let center = &self.workshops[0].center;
        let write = |number: usize| {
            let query = "mutation ($input: GuestInput!) { createGuest(input: $input) { __typename } }";
            let input = json!({ "givenName": "A", "familyName": "Guest", "homeCenterId": center });
            matches!(self.asker.ask(&self.addresses[number], query, &json!({ "input": input })), Answer::Field(_))
        };
        disk.fill();
        for number in 0..self.servers.len() {
            until("a write is told to try again", || !write(number));
            let query = "query ($id: ID!) { workshop(id: $id) { seatsTaken } }";
            let read = self.asker.ask(&self.addresses[number], query, &json!({ "id": self.workshops[0].id }));
            assert!(matches!(read, Answer::Field(_)), "reading goes on");
        }
        disk.free();
        for number in 0..self.servers.len() {
            until("writing goes on", || write(number));
        }
    }
}
