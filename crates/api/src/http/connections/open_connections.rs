use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet, HashMap},
    net::IpAddr,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use tokio::sync::Notify;

/// All open connections. A connection without a request in progress waits for one. If there is no room for a new connection,
/// the one that has waited longest is closed, of the address with the most waiting connections.
#[derive(Debug)]
pub(super) struct OpenConnections {
    max: usize,
    max_per_address: usize,
    table: Mutex<Table>,
}

#[derive(Debug, Default)]
struct Table {
    open: usize,
    /// The number of times that a connection began to wait.
    waits: u64,
    by_address: HashMap<IpAddr, OfAddress>,
    /// The addresses with waiting connections. The last one loses a connection next.
    ranking: BTreeSet<Rank>,
}

/// The connections of one address.
#[derive(Debug, Default)]
struct OfAddress {
    open: usize,
    /// The waiting connections, from the longest wait to the shortest.
    waiting: BTreeMap<u64, Arc<Eviction>>,
}

/// The number of waiting connections, then the start of the longest wait.
type Rank = (usize, Reverse<u64>, IpAddr);

/// The signal for a connection to close in favor of another.
#[derive(Debug, Default)]
pub(super) struct Eviction {
    is_evicted: AtomicBool,
    notify: Notify,
}

/// The place of one connection. It becomes free when this is dropped.
#[derive(Debug)]
pub(super) struct Slot {
    connections: Arc<OpenConnections>,
    address: IpAddr,
    /// When it began to wait.
    wait: u64,
    eviction: Arc<Eviction>,
}

impl OpenConnections {
    pub(super) fn new(max: usize, max_per_address: usize) -> Self {
        Self { max, max_per_address, table: Mutex::default() }
    }

    /// Opens a connection of this address, which waits for a request. `None`: all others are busy.
    pub(super) fn open(self: &Arc<Self>, address: IpAddr) -> Option<Slot> {
        let mut table = self.table();
        if table.count_of(address) >= self.max_per_address && !table.evict(address) {
            return None;
        }
        if table.open >= self.max {
            let &(_, _, largest) = table.ranking.last()?;
            table.evict(largest);
        }
        let eviction = Arc::new(Eviction::default());
        table.open += 1;
        let wait = table.begin_wait(address, eviction.clone(), 1);
        Some(Slot { connections: self.clone(), address, wait, eviction })
    }

    /// The number of open connections.
    pub(super) fn count(&self) -> usize {
        self.table().open
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Table {
    fn count_of(&self, address: IpAddr) -> usize {
        self.by_address.get(&address).map_or(0, |connections| connections.open)
    }

    /// Changes the connections of an address and its rank.
    fn change<T>(&mut self, address: IpAddr, change: impl FnOnce(&mut OfAddress) -> T) -> T {
        let connections = self.by_address.entry(address).or_default();
        if let Some(rank) = connections.rank(address) {
            self.ranking.remove(&rank);
        }
        let result = change(connections);
        if let Some(rank) = connections.rank(address) {
            self.ranking.insert(rank);
        }
        if connections.open == 0 {
            self.by_address.remove(&address);
        }
        result
    }

    fn begin_wait(&mut self, address: IpAddr, eviction: Arc<Eviction>, opened: usize) -> u64 {
        self.waits += 1;
        let wait = self.waits;
        self.change(address, |connections| {
            connections.open += opened;
            connections.waiting.insert(wait, eviction);
        });
        wait
    }

    /// Closes the connection of this address that has waited longest. Returns whether there was one.
    fn evict(&mut self, address: IpAddr) -> bool {
        let evicted = self.change(address, |connections| {
            let (_, evicted) = connections.waiting.pop_first()?;
            connections.open -= 1;
            Some(evicted)
        });
        let Some(evicted) = evicted else { return false };
        self.open -= 1;
        evicted.is_evicted.store(true, Ordering::Relaxed);
        evicted.notify.notify_one();
        true
    }
}

impl OfAddress {
    fn rank(&self, address: IpAddr) -> Option<Rank> {
        let (&wait, _) = self.waiting.first_key_value()?;
        Some((self.waiting.len(), Reverse(wait), address))
    }
}

impl Eviction {
    /// Resolves when the connection must close.
    pub(super) async fn evicted(&self) {
        self.notify.notified().await;
    }

    fn is_evicted(&self) -> bool {
        self.is_evicted.load(Ordering::Relaxed)
    }
}

impl Slot {
    pub(super) fn eviction(&self) -> Arc<Eviction> {
        self.eviction.clone()
    }

    /// Ends the wait: a request is in progress. Returns false if the connection must close.
    pub(super) fn end_wait(&self) -> bool {
        let mut table = self.connections.table();
        if self.eviction.is_evicted() {
            return false;
        }
        table.change(self.address, |connections| connections.waiting.remove(&self.wait));
        true
    }

    /// Waits for the next request.
    pub(super) fn wait_again(&mut self) {
        let mut table = self.connections.table();
        if !self.eviction.is_evicted() {
            table.change(self.address, |connections| connections.waiting.remove(&self.wait));
            self.wait = table.begin_wait(self.address, self.eviction.clone(), 0);
        }
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let mut table = self.connections.table();
        if !self.eviction.is_evicted() {
            table.open -= 1;
            table.change(self.address, |connections| {
                connections.waiting.remove(&self.wait);
                connections.open -= 1;
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(number: u8) -> IpAddr {
        [192, 0, 2, number].into()
    }

    fn open(connections: &Arc<OpenConnections>, number: u8) -> Slot {
        connections.open(address(number)).expect("room for a connection")
    }

    #[test]
    fn a_new_connection_replaces_the_oldest_waiting_one_of_the_largest_caller() {
        let connections = Arc::new(OpenConnections::new(4, 100));
        let [honest, first, busy, last] = [1, 2, 2, 2].map(|number| open(&connections, number));
        assert!(busy.end_wait());
        let newcomer = open(&connections, 3);
        assert!(first.eviction.is_evicted() && !first.end_wait(), "the oldest of the address with most");
        assert!(![&honest, &busy, &last, &newcomer].iter().any(|slot| slot.eviction.is_evicted()));
        // All addresses have one waiting connection now: the oldest is replaced.
        open(&connections, 4).end_wait();
        assert!(honest.eviction.is_evicted() && !last.eviction.is_evicted());
        drop((honest, first, busy, last, newcomer));
        assert_eq!(connections.count(), 0);
        assert!(connections.table().by_address.is_empty() && connections.table().ranking.is_empty());
    }

    #[test]
    fn an_address_at_its_limit_replaces_its_own_connection() {
        let connections = Arc::new(OpenConnections::new(100, 2));
        let mut first = open(&connections, 1);
        let [second, other] = [1, 2].map(|number| open(&connections, number));
        assert!(first.end_wait());
        first.wait_again();
        let third = open(&connections, 1);
        assert!(second.eviction.is_evicted() && !first.eviction.is_evicted(), "the first one waits anew");
        assert!(first.end_wait() && third.end_wait());
        assert!(connections.open(address(1)).is_none(), "both are busy");
        assert!(!other.eviction.is_evicted());
        drop(third);
        assert!(connections.open(address(1)).is_some());
    }
}
