//! What a field costs beyond the one that every field costs. Costs are added up before anything is done.

/// A statement of its own, whatever the number of rows that ask for it.
const STATEMENT: usize = 5;
/// Sums over many rows.
const SUMS: usize = 10;

/// More than any operation may cost, and so little that the selections of a document can be added up without overflow.
const CEILING: usize = usize::MAX >> 24;

/// What is looked up in one statement for all who ask together, and what is selected of it.
pub(crate) fn looked_up(selected: usize) -> usize {
    selected.saturating_add(STATEMENT).min(CEILING)
}

/// What the database adds up, and what is selected of it.
pub(crate) fn added_up(selected: usize) -> usize {
    selected.saturating_add(SUMS).min(CEILING)
}

/// The same for each of so many.
pub(crate) fn each(number: usize, selected: usize) -> usize {
    looked_up(selected.saturating_mul(number))
}
