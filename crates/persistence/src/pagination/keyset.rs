//! The order of a list, and what lies on either side of a position in it.

use chrono::SecondsFormat;
use sea_orm::{
    ColumnTrait, EntityTrait, ModelTrait, Value,
    sea_query::{Expr, ExprTrait, Func, Order, OrderedStatement},
};

use crate::{
    Cursor, CursorInvalid, Direction, Ordering, PageEnd, StoreError,
    pagination::cursor::{CursorKey, NEVER},
    rows::row_decoding::DecodeRow,
};

/// A field by which a list can be ordered.
pub trait OrderField: Copy {
    /// The rows of the list.
    type Entity: EntityTrait<Model: DecodeRow>;

    /// The column, and the list that cursors of this order belong to.
    #[doc(hidden)]
    fn order(self) -> (OrderedBy<Column<Self>>, List);

    /// The column with the id.
    #[doc(hidden)]
    fn id() -> Column<Self>;

    /// Reads a cursor that a list in this order gave out.
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

/// Every list in every order; the number tells its cursors from all others.
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

/// What kind of column a list is ordered by.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub enum OrderedBy<C> {
    /// The id alone: the order in which the rows were created.
    Id,
    /// A text, never missing, whose column is compared byte by byte on either database.
    Text(C),
    /// An instant. What has none comes last.
    Instant(C),
    /// A number. What has none comes last.
    Number(C),
}

impl<C: ColumnTrait> OrderedBy<C> {
    fn column(self) -> Option<C> {
        match self {
            Self::Id => None,
            Self::Text(column) | Self::Instant(column) | Self::Number(column) => Some(column),
        }
    }

    /// What rows are ordered by before their ids. It is never null: what has no value comes after all that have one, and
    /// so every part of the list is one range, which an index on this very expression answers.
    fn expression(self) -> Option<Expr> {
        let column = self.column()?;
        let value = Expr::col(column.as_column_ref());
        if !column.def().is_null() {
            return Some(value);
        }
        Some(match self {
            Self::Instant(_) => or_never(value),
            Self::Number(_) => Func::coalesce([value, Expr::cust(NO_NUMBER.to_string())]).into(),
            Self::Id | Self::Text(_) => value,
        })
    }
}

/// After every number that a row has.
const NO_NUMBER: i64 = i64::MAX;

/// An instant, or what comes after all of them where there is none. It is written as the indexes have it.
pub(crate) fn or_never(instant: Expr) -> Expr {
    let never = NEVER.to_rfc3339_opts(SecondsFormat::Micros, false);
    Func::coalesce([instant, Expr::cust(format!("'{never}'"))]).into()
}

/// Which side of a position.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Side {
    Behind,
    Before,
}

/// An order, and the way in which a page reads it.
pub(crate) struct Keyset<F: OrderField> {
    by: OrderedBy<Column<F>>,
    list: List,
    direction: Direction,
    end: PageEnd,
}

impl<F: OrderField> Keyset<F> {
    pub(crate) fn of(ordering: Ordering<F>, end: PageEnd) -> Self {
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

    /// What lies on one side of a position.
    pub(crate) fn beyond(&self, side: Side, position: &Cursor) -> Expr {
        let greater = matches!(side, Side::Behind) == (self.direction == Direction::Ascending);
        let compare = |left: Expr, right: Expr| if greater { left.gt(right) } else { left.lt(right) };
        let (id, at_id) = (Expr::col((F::Entity::default(), F::id())), Expr::val(position.id));
        let key: Value = match &position.key {
            CursorKey::Id => return compare(id, at_id),
            CursorKey::Text(text) => text.as_str().into(),
            CursorKey::Instant(instant) => (*instant).into(),
            CursorKey::Number(number) => (*number).into(),
        };
        let Some(expression) = self.by.expression() else { return compare(id, at_id) };
        // One comparison of pairs, which an index on the pair answers.
        compare(Expr::tuple([expression, id]), Expr::tuple([Expr::val(key), at_id]))
    }

    /// The position of a row.
    pub(crate) fn position(&self, row: &<F::Entity as EntityTrait>::Model) -> Result<Cursor, StoreError> {
        let key = match self.by.column().map(|column| row.get(column)) {
            None => CursorKey::Id,
            Some(Value::String(Some(text))) => CursorKey::Text(text),
            Some(Value::BigInt(number)) => CursorKey::Number(number.unwrap_or(NO_NUMBER)),
            Some(Value::ChronoDateTimeUtc(instant)) => CursorKey::Instant(instant.unwrap_or(NEVER)),
            Some(_) => {
                return Err(StoreError::Corrupt { what: "an order's value", why: "it is of another kind".to_owned() });
            }
        };
        let Value::Uuid(Some(id)) = row.get(F::id()) else {
            return Err(StoreError::Corrupt { what: "an id", why: "it is of another kind".to_owned() });
        };
        Ok(Cursor { list: self.list as u8, key, id })
    }
}
