//! The cost of a field beyond the one point of every field. Costs are added up before the operation is executed.

/// The cost of a statement. Any number of rows can share it.
const STATEMENT: usize = 5;
/// The cost of an aggregation over many rows.
const AGGREGATION: usize = 10;

/// A cost above every possible limit, small enough to add up the selections of a document without overflow.
const CEILING: usize = usize::MAX >> 24;

/// Returns the cost of a field whose value is loaded in one statement for all parents.
pub(crate) fn lookup_cost(selected: usize) -> usize {
    selected.saturating_add(STATEMENT).min(CEILING)
}

/// Returns the cost of a field whose value the database aggregates.
pub(crate) fn aggregate_cost(selected: usize) -> usize {
    selected.saturating_add(AGGREGATION).min(CEILING)
}

/// Returns the cost of a list with this many entries, loaded in one statement.
pub(crate) fn list_cost(entries: usize, selected: usize) -> usize {
    lookup_cost(selected.saturating_mul(entries))
}
