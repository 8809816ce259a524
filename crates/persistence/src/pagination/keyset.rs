//! The order of a list, and the rows on either side of a position in it.

use chrono::SecondsFormat;
use sea_orm::{
    ColumnTrait, EntityTrait, ModelTrait, Value,
    sea_query::{Expr, ExprTrait, Func, Order, OrderedStatement},
};

use crate::{
    Cursor, CursorInvalid, Direction, Ordering, PageEnd, StoreError,
    pagination::cursor::{CursorKey, MAX_INSTANT},
    rows::row_decoding::DecodeRow,
};

/// A field by which a list can be ordered.
pub trait OrderField: Copy {
    /// The rows of the list.
    type Entity: EntityTrait<Model: DecodeRow>;

    /// The column, and the list of this order's cursors.
    #[doc(hidden)]
    fn order(self) -> (OrderedBy<Column<Self>>, List);

    /// The column with the id.
    #[doc(hidden)]
    fn id() -> Column<Self>;

    /// Decodes a cursor that a list in this order returned.
    fn cursor(self, text: &str) -> Result<Cursor, CursorInvalid> {
        let (by, list) = self.order();
        let cursor = Cursor::decode(text).filter(|cursor| cursor.list == list as u8).ok_or(CursorInvalid)?;
        let fits = matches!(
            (by, &cursor.key),
            (OrderedBy::Id, CursorKey::Id)
                | (OrderedBy::Text(_), CursorKey::Text(_))
                | (OrderedBy::Instant(_), CursorKey::Instant(_))
                | (OrderedBy::Number(_), CursorKey::Number(_))
        );
        if fits { Ok(cursor) } else { Err(CursorInvalid) }
    }
}

/// Every list in every order. The number identifies the list of a cursor, and is part of the cursor's text.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
#[repr(u8)]
pub enum List {
    CentersByName = 1,
    GuestsByFamilyName = 2,
    GuestsByCreation = 3,
    WorkshopsByStart = 4,
    WorkshopsByTitle = 5,
    WorkshopsByCreation = 6,
    RegistrationsByTime = 7,
    Journal = 8,
    History = 9,
    CentersByCreation = 10,
    RegistrationsByWaitlistNumber = 11,
    ApiKeys = 12,
}

type Column<F> = <<F as OrderField>::Entity as EntityTrait>::Column;

/// The kind of column that orders a list.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub enum OrderedBy<C> {
    /// The id alone: the order of creation.
    Id,
    /// A text that is never null. Both databases compare the column byte by byte.
    Text(C),
    /// An instant. Nulls come last.
    Instant(C),
    /// A number. Nulls come last.
    Number(C),
}

impl<C: ColumnTrait> OrderedBy<C> {
    fn column(self) -> Option<C> {
        match self {
            Self::Id => None,
            Self::Text(column) | Self::Instant(column) | Self::Number(column) => Some(column),
        }
    }

    /// The expression that orders rows before their ids. It is never null: nulls are replaced by a maximum, so that every
    /// part of the list is one range, for which an index on the same expression exists.
    fn expression(self) -> Option<Expr> {
        let column = self.column()?;
        let value = Expr::col(column.as_column_ref());
        if !column.def().is_null() {
            return Some(value);
        }
        Some(match self {
            Self::Instant(_) => instant_or_max(value),
            Self::Number(_) => Func::coalesce([value, Expr::cust(MAX_NUMBER.to_string())]).into(),
            Self::Id | Self::Text(_) => value,
        })
    }
}

/// Replaces missing numbers, after all others.
const MAX_NUMBER: i64 = i64::MAX;

/// An instant, or [`MAX_INSTANT`] for null, written exactly as in the indexes.
pub(crate) fn instant_or_max(instant: Expr) -> Expr {
    let max = MAX_INSTANT.to_rfc3339_opts(SecondsFormat::Micros, false);
    Func::coalesce([instant, Expr::cust(format!("'{max}'"))]).into()
}

/// A side of a position.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Side {
    After,
    Before,
}

/// Defines the fields that order a list: for each the kind of its column, and the list of its cursors.
macro_rules! order_fields {
    (
        $(#[$doc:meta])*
        pub enum $name:ident for $entity:ident {
            $($(#[$field_doc:meta])* $field:ident: $kind:ident $(($column:ident))? in $list:ident,)+
        }
    ) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
        pub enum $name {
            $($(#[$field_doc])* $field,)+
        }

        impl $crate::OrderField for $name {
            type Entity = $entity::Entity;

            fn order(
                self,
            ) -> ($crate::pagination::keyset::OrderedBy<$entity::Column>, $crate::pagination::keyset::List) {
                use $crate::pagination::keyset::{List, OrderedBy};
                match self {
                    $(Self::$field => (OrderedBy::$kind$(($entity::Column::$column))?, List::$list),)+
                }
            }

            fn id() -> $entity::Column {
                $entity::Column::Id
            }
        }
    };
}
pub(crate) use order_fields;

/// An order, its direction, and the end from which a page is read.
pub(crate) struct Keyset<F: OrderField> {
    by: OrderedBy<Column<F>>,
    list: List,
    direction: Direction,
    end: PageEnd,
}

impl<F: OrderField> Keyset<F> {
    pub(crate) fn new(ordering: Ordering<F>, end: PageEnd) -> Self {
        let (by, list) = ordering.by.order();
        Self { by, list, direction: ordering.direction, end }
    }

    /// Orders a statement so that the rows of the page come first.
    pub(crate) fn order(&self, statement: &mut impl OrderedStatement) {
        let ascending = (self.direction == Direction::Ascending) == (self.end == PageEnd::First);
        let order = if ascending { Order::Asc } else { Order::Desc };
        if let Some(expression) = self.by.expression() {
            statement.order_by_expr(expression, order.clone());
        }
        statement.order_by((F::Entity::default(), F::id()), order);
    }

    /// The condition on rows on one side of a position.
    pub(crate) fn beyond(&self, side: Side, position: &Cursor) -> Expr {
        let greater = matches!(side, Side::After) == (self.direction == Direction::Ascending);
        let compare = |left: Expr, right: Expr| if greater { left.gt(right) } else { left.lt(right) };
        let (id, position_id) = (Expr::col((F::Entity::default(), F::id())), Expr::val(position.id));
        let key: Value = match &position.key {
            CursorKey::Id => return compare(id, position_id),
            CursorKey::Text(text) => text.as_str().into(),
            CursorKey::Instant(instant) => (*instant).into(),
            CursorKey::Number(number) => (*number).into(),
        };
        let Some(expression) = self.by.expression() else { return compare(id, position_id) };
        // One comparison of pairs, for which an index on the pair exists.
        compare(Expr::tuple([expression, id]), Expr::tuple([Expr::val(key), position_id]))
    }

    /// The cursor of a row.
    pub(crate) fn cursor(&self, row: &<F::Entity as EntityTrait>::Model) -> Result<Cursor, StoreError> {
        let key = match self.by.column().map(|column| row.get(column)) {
            None => CursorKey::Id,
            Some(Value::String(Some(text))) => CursorKey::Text(text),
            Some(Value::BigInt(number)) => CursorKey::Number(number.unwrap_or(MAX_NUMBER)),
            Some(Value::ChronoDateTimeUtc(instant)) => CursorKey::Instant(instant.unwrap_or(MAX_INSTANT)),
            Some(_) => return Err(StoreError::corrupt("the value of an order", "it has another type")),
        };
        let Value::Uuid(Some(id)) = row.get(F::id()) else {
            return Err(StoreError::corrupt("an id", "it has another type"));
        };
        Ok(Cursor { list: self.list as u8, key, id })
    }
}
