//! The cost of a field beyond the one point of every field. Costs are added up before the operation is executed.

/// The cost of a statement. Any number of rows can share it.
const STATEMENT: usize = 5;
/// The cost of an aggregation over many rows.
const AGGREGATION: usize = 10;

/// The cost of a write: a transaction that waits for the disk, and rows that stay.
const WRITE: usize = 50;
/// The least cost of each entry of a list that one transaction writes.
const WRITTEN_ENTRY: usize = 10;

/// The lengths that lists without a page size are assumed to have. What a response has beyond its estimate is charged
/// when it is complete.
pub(crate) const CENTERS: usize = 2;
pub(crate) const TRACKS: usize = 2;
pub(crate) const SESSIONS_OF_TRACK: usize = 4;
pub(crate) const SESSIONS_OF_WORKSHOP: usize = 6;
pub(crate) const PROMOTED: usize = 5;

/// The estimated values of an introspection response that cost one point. The estimate is generous, and a value short.
const INTROSPECTION_VALUES: usize = 100;

/// A cost above every possible limit, small enough to add up the selections of a document without overflow.
const CEILING: usize = usize::MAX >> 24;

/// Returns the cost of a field whose value is loaded in one statement for all parents.
pub(crate) fn lookup_cost(selected: usize) -> usize {
    selected.saturating_add(STATEMENT).min(CEILING)
}

/// The bytes of a document and its variables that cost one for each event.
const BYTES_PER_POINT: usize = 8_192;

/// Returns the cost of an event of a subscription that keeps so many bytes. The start takes a statement of its own, an event
/// none. But each event reads the document and its variables.
pub(crate) fn event_cost(subscription: usize, bytes: usize) -> usize {
    subscription.saturating_sub(STATEMENT).saturating_add(bytes / BYTES_PER_POINT)
}

/// Returns the cost of a field whose value the database aggregates.
pub(crate) fn aggregate_cost(selected: usize) -> usize {
    selected.saturating_add(AGGREGATION).min(CEILING)
}

/// Returns the cost of a field that writes.
pub(crate) const fn write_cost(selected: usize) -> usize {
    let cost = selected.saturating_add(WRITE);
    if cost < CEILING { cost } else { CEILING }
}

/// Returns the cost of a field that writes a list with this many entries in one transaction.
pub(crate) fn write_list_cost(entries: usize, selected: usize) -> usize {
    write_cost(selected.max(WRITTEN_ENTRY).saturating_mul(entries))
}

/// Returns the cost of a list with this many entries, loaded in one statement. An entry costs at least 1, because
/// `__typename` costs nothing.
pub(crate) fn list_cost(entries: usize, selected: usize) -> usize {
    lookup_cost(selected.max(1).saturating_mul(entries))
}

/// Returns the cost of an introspection response with this estimated number of values.
pub(crate) fn introspection_cost(values: usize) -> usize {
    values / INTROSPECTION_VALUES
}
