//! Fair queuing: a few pieces of work run at a time, and the others wait for their turn. A caller with many or expensive
//! queries delays its own queries, and not those of callers who need the same connections, processors and memory.
//!
//! The order is that of start-time fair queuing (Goyal, Vin and Cheng, 1996). Each query starts at a virtual time, in points
//! of cost: that of the queue, or when the earlier queries of its caller have had their share, if that is later. The query
//! with the earliest start runs next. A caller who has asked for little therefore overtakes one who has asked for much.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::oneshot;

use crate::caller_key::CallerKey;

/// The parts of a point of cost in virtual time.
const PARTS: u64 = 1_000;

/// The map of callers is swept when it is larger than this, and than twice the callers that were left by the last sweep.
const SWEEP_AT: usize = 64;

/// The queues of all callers. A query occupies one slot or several.
#[derive(Clone, Debug)]
pub(in crate::graphql) struct FairQueue {
    slots_per_caller: usize,
    state: Arc<Mutex<State>>,
}

#[derive(Debug)]
struct State {
    free: usize,
    /// The virtual time. It advances as fast as each caller is served if all have an equal share.
    now: u64,
    arrivals: u64,
    /// The queries that run or wait.
    queries: usize,
    callers: HashMap<CallerKey, Caller>,
    sweep_at: usize,
}

/// The queries of one caller.
#[derive(Debug, Default)]
struct Caller {
    /// The slots of its running queries.
    running: usize,
    /// When the queries that have run have had their share, in virtual time.
    served_until: u64,
    waiting: VecDeque<Waiting>,
}

#[derive(Debug)]
struct Waiting {
    arrival: u64,
    slots: usize,
    cost: usize,
    granted: oneshot::Sender<()>,
}

/// The turn of one query, or its place in the queue. The next query runs when this is dropped.
#[derive(Debug)]
pub(crate) struct Turn {
    queue: FairQueue,
    caller: CallerKey,
    arrival: u64,
    slots: usize,
}

impl FairQueue {
    /// A queue with so many slots. Each caller can occupy a part of them.
    pub(in crate::graphql) fn new(slots: usize, slots_per_caller: usize) -> Self {
        let state = State { free: slots, now: 0, arrivals: 0, queries: 0, callers: HashMap::new(), sweep_at: SWEEP_AT };
        Self { slots_per_caller: slots_per_caller.min(slots), state: Arc::new(Mutex::new(state)) }
    }

    /// Waits for the turn of a query with this cost. A query that needs more slots than its caller can occupy takes them all.
    pub(in crate::graphql) async fn wait(&self, caller: CallerKey, slots: usize, cost: usize) -> Turn {
        let (turn, granted) = self.enqueue(caller, slots.clamp(1, self.slots_per_caller), cost);
        // The queue keeps the sender until it has granted the turn.
        let _ = granted.await;
        turn
    }

    fn enqueue(&self, caller: CallerKey, slots: usize, cost: usize) -> (Turn, oneshot::Receiver<()>) {
        let (sender, granted) = oneshot::channel();
        let mut state = self.state();
        let arrival = state.arrivals;
        state.arrivals += 1;
        state.queries += 1;
        let waiting = Waiting { arrival, slots, cost, granted: sender };
        state.callers.entry(caller.clone()).or_default().waiting.push_back(waiting);
        state.grant(self.slots_per_caller);
        (Turn { queue: self.clone(), caller, arrival, slots }, granted)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Grants turns in their order while there are free slots. A query that needs more slots than are free is not overtaken.
    fn grant(&mut self, slots_per_caller: usize) {
        while self.free > 0 {
            let now = self.now;
            let heads = self.callers.values_mut().filter_map(|caller| {
                let head = caller.waiting.front()?;
                let order = (caller.served_until.max(now), head.arrival);
                // A caller that runs queries already leaves room for the others, as in `PermitPool`.
                let running = caller.running + head.slots;
                let is_fair = caller.running == 0 || running <= self.free;
                (is_fair && running <= slots_per_caller).then_some((order, caller))
            });
            let Some(((start, _), caller)) = heads.min_by_key(|(order, _)| *order) else { return };
            let free = self.free;
            let Some(query) = caller.waiting.pop_front_if(|query| query.slots <= free) else { return };
            caller.running += query.slots;
            let duration = virtual_time(query.cost);
            caller.served_until = start.saturating_add(duration);
            self.free -= query.slots;
            let active = self.callers.values().filter(|caller| caller.has_queries()).count() as u64;
            self.now = self.now.saturating_add(duration / active.max(1));
            // A query that is dropped at this moment gives its slots back as its turn is dropped.
            let _ = query.granted.send(());
        }
    }

    /// Forgets the callers without queries that have no more than their share.
    fn sweep(&mut self) {
        if self.callers.len() < self.sweep_at {
            return;
        }
        let now = self.now;
        self.callers.retain(|_, caller| caller.has_queries() || caller.served_until > now);
        self.sweep_at = SWEEP_AT.max(2 * self.callers.len());
    }
}

impl Caller {
    fn has_queries(&self) -> bool {
        self.running > 0 || !self.waiting.is_empty()
    }
}

fn virtual_time(cost: usize) -> u64 {
    (cost as u64).saturating_mul(PARTS)
}

impl Turn {
    /// Records that the query costs more than was known before. The next queries of its caller wait longer.
    pub(in crate::graphql) fn charge(&self, cost: usize) {
        if let Some(caller) = self.queue.state().callers.get_mut(&self.caller) {
            caller.served_until = caller.served_until.saturating_add(virtual_time(cost));
        }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let mut state = self.queue.state();
        let State { free, queries, callers, .. } = &mut *state;
        let Some(caller) = callers.get_mut(&self.caller) else { return };
        if let Some(place) = caller.waiting.iter().position(|query| query.arrival == self.arrival) {
            caller.waiting.remove(place);
        } else {
            caller.running -= self.slots;
            *free += self.slots;
        }
        *queries -= 1;
        if *queries == 0 {
            callers.clear();
            state.now = 0;
        } else {
            state.sweep();
            state.grant(self.queue.slots_per_caller);
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    fn caller(number: u8) -> CallerKey {
        CallerKey::at(Some([192, 0, 2, number].into()))
    }

    #[tokio::test]
    async fn a_caller_waits_for_its_own_queries_only() {
        let queue = FairQueue::new(10, 2);
        let first = queue.wait(caller(1), 1, 1).await;
        let _second = queue.wait(caller(1), 1, 1).await;
        let mut third = Box::pin(queue.wait(caller(1), 1, 1));
        assert!(third.as_mut().now_or_never().is_none(), "two queries run");
        assert!(queue.wait(caller(2), 1, 1).now_or_never().is_some(), "another caller does not wait");
        drop(first);
        assert!(third.now_or_never().is_some(), "the next query runs");
    }

    #[tokio::test]
    async fn callers_are_served_by_the_cost_of_their_queries() {
        let queue = FairQueue::new(1, 1);
        let mut running = Some(queue.wait(caller(0), 1, 1).await);
        // The first caller is charged for three more points when its queries have run.
        let costs = [(1, 7, 3), (2, 4, 0)];
        let mut waiting = Vec::new();
        for (number, cost, more) in costs.into_iter().flat_map(|query| [query; 30]) {
            let mut turn = Box::pin(queue.wait(caller(number), 1, cost));
            assert!(turn.as_mut().now_or_never().is_none());
            waiting.push((number, cost + more, more, turn));
        }
        let mut served = [0, 0, 0];
        for _ in 0..28 {
            drop(running.take());
            let ready = waiting.iter_mut().enumerate();
            let mut ready = ready.filter_map(|(place, query)| Some((place, query.3.as_mut().now_or_never()?)));
            let (place, turn) = ready.next().expect("a slot is free");
            assert!(ready.next().is_none(), "only one is free");
            let (number, cost, more, _) = waiting.remove(place);
            turn.charge(more);
            running = Some(turn);
            served[usize::from(number)] += cost;
        }
        assert!(served[1].abs_diff(served[2]) <= 20, "{served:?}");
    }

    #[tokio::test]
    async fn a_query_that_needs_all_slots_is_not_overtaken() {
        let queue = FairQueue::new(2, 2);
        let small = queue.wait(caller(1), 1, 1).await;
        let mut large = Box::pin(queue.wait(caller(2), 9, 1));
        assert!(large.as_mut().now_or_never().is_none(), "it needs both slots");
        let mut next = Box::pin(queue.wait(caller(1), 1, 1));
        assert!(next.as_mut().now_or_never().is_none(), "a slot is free, but it is not this caller's turn");
        drop(small);
        drop(large.now_or_never().expect("it runs next"));
        assert!(next.now_or_never().is_some());
    }

    #[tokio::test]
    async fn callers_without_queries_take_no_memory() {
        let queue = FairQueue::new(1, 1);
        let running = queue.wait(caller(1), 1, 1).await;
        let mut waiting = Box::pin(queue.wait(caller(1), 1, 1));
        assert!(waiting.as_mut().now_or_never().is_none());
        drop(running);
        assert_eq!(queue.state().callers.len(), 1, "a query waits");
        drop(waiting);
        assert!(queue.state().callers.is_empty());
        assert_eq!(queue.state().free, 1);

        let queue = FairQueue::new(2, 1);
        let _running = queue.wait(caller(0), 1, 1).await;
        for number in 1..=u8::MAX {
            drop(queue.wait(caller(number), 1, 1).await);
        }
        assert!(queue.state().callers.len() <= 2 * SWEEP_AT, "though one query runs all the time");
    }
}
