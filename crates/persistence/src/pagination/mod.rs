//! Pages of lists: keyset cursors, the order of a list, and the statements that read one page.

pub(crate) mod cursor;
pub(crate) mod keyset;
pub(crate) mod page;

pub use cursor::{Cursor, CursorInvalid};
pub use keyset::OrderField;
pub use page::{Direction, OffsetPage, Ordering, Page, PageEnd, Slice};
