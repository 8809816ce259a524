//! What is asked for without a document, by the documented HTTP call: an operation like any other.

use std::panic::AssertUnwindSafe;

use futures_util::FutureExt;

use super::{Failure, Graph, Paid, Place, Topic, codes};
use crate::fair_use::Purse;

/// One thing to do for a client.
#[derive(Debug)]
pub(crate) struct Errand {
    /// What it is about: the root field that does the same.
    pub(crate) topic: Topic,
    /// What that field costs, with what is answered selected of it.
    pub(crate) cost: usize,
    /// Out of what it is paid.
    pub(crate) purse: Purse,
    /// Its place among what is worked on, until it is done.
    pub(crate) place: Place,
}

impl Graph {
    /// Does something for a client, within its share and its time, whatever happens meanwhile.
    pub(crate) async fn run<T>(
        &self,
        errand: Errand,
        doing: impl Future<Output = Result<T, Failure>>,
    ) -> Result<T, Failure> {
        let Errand { topic, cost, purse, place: _place } = errand;
        let work = async {
            Paid::out_of(&purse, cost, self.limits.cost)?;
            match tokio::time::timeout(self.patience, AssertUnwindSafe(doing).catch_unwind()).await {
                Ok(Ok(done)) => done,
                Ok(Err(_)) => {
                    tracing::error!("an operation panicked");
                    Err(codes::masked().into())
                }
                Err(_) => Err(codes::too_slow(self.patience).into()),
            }
        };
        // Boxed, for it is large, and would be moved more than once on the way.
        self.operations.answer(topic, Box::pin(work)).await
    }
}
