use prometheus_client::{
    metrics::{counter::Counter, family::Family},
    registry::Registry,
};

use super::Labels;
use crate::StoreError;

/// The outcome of a command.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum CommandOutcome {
    /// It succeeded, now or in an earlier attempt.
    Done,
    /// A rule refused it.
    Refused,
    /// It was rejected as overload, without a decision.
    Overloaded,
    /// It failed with a fault.
    Failed,
}

impl CommandOutcome {
    pub(crate) fn of<T, R>(result: &Result<Result<T, R>, StoreError>) -> Self {
        match result {
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

/// Commands by name and outcome.
#[derive(Clone, Debug, Default)]
pub(crate) struct Commands(Family<Labels<2>, Counter>);

impl Commands {
    pub(super) fn register(&self, registry: &mut Registry) {
        registry.register("commands", "Commands that were processed, by name and outcome", self.0.clone());
    }

    pub(crate) fn count(&self, command: &'static str, outcome: CommandOutcome) {
        self.0.get_or_create(&[("command", command), ("outcome", outcome.name())]).inc();
    }
}
