//! Rows decoded by the positions of their columns.
//!
//! sea-orm finds a column by its name and formats an unused message for each null. Rows for clients are therefore
//! decoded by position. `docs/performance.md` has the measurement.

use sea_orm::{
    DbErr, QueryResult,
    sqlx::{self, Row},
};
use uuid::Uuid;

use crate::{
    EnumColumn,
    entities::{api_key, center, guest, journal, registration, session, track, workshop},
    error,
};
use domain::{Numbered, Timestamp};

/// A row whose columns come first in a statement, in the order of its entity.
pub trait DecodeRow: Sized {
    /// Decodes the row.
    #[doc(hidden)]
    fn decode(row: &QueryResult) -> Result<Self, DbErr>;
}

/// A value of a column, converted from the driver's value.
trait FromColumn: Sized {
    type Raw;

    fn from_column(raw: Self::Raw) -> Result<Self, DbErr>;
}

macro_rules! unconverted {
    ($($value:ty),+) => {
        $(impl FromColumn for $value {
            type Raw = Self;

            fn from_column(raw: Self) -> Result<Self, DbErr> {
                Ok(raw)
            }
        })+
    };
}
unconverted!(Uuid, String, Vec<u8>, bool, i32, i64, Timestamp);
unconverted!(Option<Uuid>, Option<String>, Option<i32>, Option<i64>, Option<Timestamp>);

impl<T: Numbered> FromColumn for EnumColumn<T> {
    type Raw = i16;

    fn from_column(raw: i16) -> Result<Self, DbErr> {
        Self::from_number(raw)
    }
}

impl<T: Numbered> FromColumn for Option<EnumColumn<T>> {
    type Raw = Option<i16>;

    fn from_column(raw: Option<i16>) -> Result<Self, DbErr> {
        raw.map(EnumColumn::from_number).transpose()
    }
}

/// Implements [`DecodeRow`] for each entity from its columns, in their order.
macro_rules! decode_by_position {
    ($($entity:ident { $($column:ident),+ $(,)? })+) => {
        $(impl DecodeRow for $entity::Model {
            fn decode(row: &QueryResult) -> Result<Self, DbErr> {
                macro_rules! columns_of {
                    ($row:expr) => {{
                        let mut positions = 0..;
                        Ok(Self {
                            $($column: FromColumn::from_column(get($row, positions.next().unwrap_or_default())?)?,)+
                        })
                    }};
                }
                match (row.try_as_pg_row(), row.try_as_sqlite_row()) {
                    (Some(row), _) => columns_of!(row),
                    (None, Some(row)) => columns_of!(row),
                    (None, None) => Err(DbErr::Custom("a row of an unsupported database".to_owned())),
                }
            }
        })+

        #[cfg(test)]
        mod tests {
            use sea_orm::{IdenStatic, Iterable};

            use super::*;

            #[test]
            fn columns_are_listed_in_the_order_of_their_entity() {
                $({
                    let columns: Vec<_> = $entity::Column::iter().map(|column| column.as_str().to_owned()).collect();
                    assert_eq!(columns, [$(stringify!($column)),+]);
                })+
            }
        }
    };
}

decode_by_position! {
    workshop {
        id, external_id, title, description, stage, registration_opens_at, registration_closes_at, capacity, seats_taken,
        waitlist_enabled, waitlist_limit, waitlist_length, next_waitlist_number, starts_at, ends_at, version, created_at, updated_at,
        sort_key, published_at,
    }
    track { id, workshop_id, name, capacity, seats_taken, starts_at, ends_at, created_at, updated_at }
    session {
        id, workshop_id, track_id, center_id, title, starts_at, ends_at, room, instructor, cancelled_at, created_at,
        updated_at,
    }
    guest {
        id, external_id, given_name, family_name, email, phone, home_center_id, created_at, updated_at, sort_key,
    }
    center { id, external_id, name, time_zone, created_at, updated_at, sort_key }
    journal {
        sequence, id, workshop_id, registration_id, kind, status_before, status_after, actor, at, position, center_id,
        guest_id,
    }
    api_key {
        id, name, prefix, digest, role, scopes, all_centers, created_at, created_by, expires_at, revoked_at, last_used_at,
        replaced_by,
    }
    registration {
        id, workshop_id, track_id, guest_id, center_id, status, waitlist_number, from_waitlist, note, registered_at, promoted_at,
        checked_in_at, cancelled_at, cancel_reason,
    }
}

fn get<'r, R, T>(row: &'r R, position: usize) -> Result<T, DbErr>
where
    R: Row,
    usize: sqlx::ColumnIndex<R>,
    T: sqlx::Decode<'r, R::Database> + sqlx::Type<R::Database>,
{
    row.try_get(position).map_err(error::query_error)
}
