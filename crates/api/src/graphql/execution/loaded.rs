//! The size of what a lookup loads.

use std::{collections::HashMap, sync::Arc};

use chrono::NaiveDate;
use domain::{CenterId, commands::register_guest::RegisterGuestRefusal};
use persistence::{
    CenterRow, ChangeRow, GuestRow, RegistrationRow, RegistrationTotals, SeatTotals, SessionRow, Slice, StatusCounts,
    TrackRow, WorkshopRow,
};

/// Rows that several fields share.
pub(in crate::graphql) type Rows<R> = Arc<[Arc<R>]>;

/// A page whose rows several fields share.
pub(in crate::graphql) type PageRows<R> = Slice<Arc<R>>;

/// A loaded value.
pub(in crate::graphql) trait Loaded: Clone + Send + Sync {
    /// The most bytes of a row.
    const ROW_BYTES: usize;

    /// The objects of a response that the value becomes.
    fn objects(&self) -> usize {
        1
    }

    /// The bytes of its texts.
    fn text_bytes(&self) -> usize {
        0
    }
}

/// A row whose texts are counted.
pub(in crate::graphql) trait Texts: Send + Sync {
    /// The most bytes of a row. The rules bound the characters of a text, and a character has up to four bytes.
    const MAX_BYTES: usize;

    fn text_bytes(&self) -> usize;
}

/// The bytes of a row without its texts.
const COLUMNS: usize = 300;
/// The bytes of a name.
const NAME: usize = 4 * 200;
/// The bytes of a sort key.
const SORT_KEY: usize = 1_000;

macro_rules! texts {
    ($($row:ty { $($required:ident),*; $($optional:ident),* } up to $bytes:expr;)+) => {
        $(impl Texts for $row {
            const MAX_BYTES: usize = COLUMNS + $bytes;

            fn text_bytes(&self) -> usize {
                0 $(+ self.$required.len())* $(+ self.$optional.as_ref().map_or(0, String::len))*
            }
        })+
    };
}

texts! {
    WorkshopRow { title, sort_key; description, external_id } up to 2 * NAME + SORT_KEY + 40_000;
    TrackRow { name; } up to NAME;
    SessionRow { title; room, instructor } up to 3 * NAME;
    CenterRow { name, time_zone, sort_key; external_id } up to 2 * NAME + SORT_KEY;
    GuestRow { given_name, family_name, sort_key; email, phone, external_id } up to 5 * NAME + SORT_KEY;
    RegistrationRow { ; note, cancel_reason } up to 10_000;
    ChangeRow { actor; } up to NAME;
}

impl<R: Texts> Loaded for Arc<R> {
    const ROW_BYTES: usize = R::MAX_BYTES;

    fn text_bytes(&self) -> usize {
        R::text_bytes(self)
    }
}

impl<R: Texts> Loaded for Rows<R> {
    const ROW_BYTES: usize = R::MAX_BYTES;

    fn objects(&self) -> usize {
        self.len()
    }

    fn text_bytes(&self) -> usize {
        self.iter().map(|row| R::text_bytes(row)).sum()
    }
}

impl<R: Texts> Loaded for PageRows<R> {
    const ROW_BYTES: usize = R::MAX_BYTES;

    /// The connection and its nodes.
    fn objects(&self) -> usize {
        1 + self.rows.len()
    }

    fn text_bytes(&self) -> usize {
        self.rows.iter().map(|(_, row)| R::text_bytes(row)).sum()
    }
}

macro_rules! without_texts {
    ($($value:ty),+ $(,)?) => {
        $(impl Loaded for $value {
            const ROW_BYTES: usize = COLUMNS;
        })+
    };
}
without_texts!(
    u64,
    CenterId,
    HashMap<NaiveDate, i64>,
    RegistrationTotals,
    Result<(), RegisterGuestRefusal>,
    SeatTotals,
    StatusCounts,
);
