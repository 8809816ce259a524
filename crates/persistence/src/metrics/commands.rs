use prometheus_client::{
    metrics::{counter::Counter, family::Family},
    registry::Registry,
};

use super::Labels;
use crate::StoreError;

/// How a command ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum CommandOutcome {
    /// As it was asked for, now or by an earlier attempt.
    Done,
    /// A rule said no.
    Refused,
    /// Nobody decided: the queue was full.
    Overloaded,
    /// The machine broke.
    Failed,
}

impl CommandOutcome {
    pub(crate) fn of<T, R>(settled: &Result<Result<T, R>, StoreError>) -> Self {
        match settled {
            Ok(Ok(_)) => Self::Done,
            Ok(Err(_)) => Self::Refused,
            Err(StoreError::Overloaded) => Self::Overloaded,
            Err(_) => Self::Failed,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Refused => "refused",
            Self::Overloaded => "overloaded",
            Self::Failed => "failed",
        }
    }
}

/// Commands, by name and by how they ended.
#[derive(Clone, Debug, Default)]
pub(crate) struct Commands(Family<Labels<2>, Counter>);

impl Commands {
    pub(super) fn register(&self, registry: &mut Registry) {
        registry.register("commands", "Commands that were settled, by name and outcome", self.0.clone());
    }

    pub(crate) fn count(&self, command: &'static str, outcome: CommandOutcome) {
        self.0.get_or_create(&[("command", command), ("outcome", outcome.name())]).inc();
    }
}
