//! The order of a list, and what lies on either side of a position in it.

use sea_orm::{
    ColumnTrait, EntityTrait, ModelTrait, Value,
    sea_query::{Expr, ExprTrait, NullOrdering, Order, OrderedStatement},
};
use uuid::Uuid;

use crate::{Cursor, CursorInvalid, Direction, End, Ordering, StoreError, cursor::Key};

/// A field by which a list can be ordered.
pub trait OrderField: Copy {
    /// The rows of the list.
    type Entity: EntityTrait;

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
        let fits = match (by, &cursor.key) {
            (OrderedBy::Id, Key::Id)
            | (OrderedBy::Text(_), Key::Text(_))
            | (OrderedBy::Instant(_), Key::Instant(_))
            | (OrderedBy::Number(_), Key::Number(_)) => true,
            (OrderedBy::Instant(column), Key::Missing) => column.def().is_null(),
            _ => false,
        };
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
}

type Column<F> = <<F as OrderField>::Entity as EntityTrait>::Column;

/// What kind of column a list is ordered by.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub enum OrderedBy<C> {
    /// The id alone: the order in which the rows were created.
    Id,
    /// A text, never missing.
    Text(C),
    /// An instant.
    Instant(C),
    /// A number, never missing.
    Number(C),
}

impl<C: Copy> OrderedBy<C> {
    fn column(self) -> Option<C> {
        match self {
            Self::Id => None,
            Self::Text(column) | Self::Instant(column) | Self::Number(column) => Some(column),
        }
    }
}

/// Which side of a position.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Side {
    Behind,
    Before,
}

/// An order, and the way in which a page reads it.
pub(crate) struct Keyset<F: OrderField> {
    column: Option<Column<F>>,
    list: List,
    ordering: Ordering<F>,
    end: End,
}

impl<F: OrderField> Keyset<F> {
    pub(crate) fn of(ordering: Ordering<F>, end: End) -> Self {
        let (by, list) = ordering.by.order();
        Self { column: by.column(), list, ordering, end }
    }

    /// Orders a statement so that the rows of the page come first.
    pub(crate) fn order(&self, statement: &mut impl OrderedStatement) {
        let ascending = (self.ordering.direction == Direction::Ascending) == (self.end == End::First);
        let (order, nulls) =
            if ascending { (Order::Asc, NullOrdering::Last) } else { (Order::Desc, NullOrdering::First) };
        if let Some(column) = self.column {
            if column.def().is_null() {
                statement.order_by_with_nulls((F::Entity::default(), column), order.clone(), nulls);
            } else {
                statement.order_by((F::Entity::default(), column), order.clone());
            }
        }
        statement.order_by((F::Entity::default(), F::id()), order);
    }

    /// What lies on one side of a position.
    pub(crate) fn beyond(&self, side: Side, position: &Cursor) -> Expr {
        let greater = matches!(side, Side::Behind) == (self.ordering.direction == Direction::Ascending);
        let compare = |left: Expr, right: Expr| if greater { left.gt(right) } else { left.lt(right) };
        let id = || Expr::col((F::Entity::default(), F::id()));
        let beyond_id = compare(id(), Expr::val(position.id));
        let Some(column) = self.column else { return beyond_id };
        let value = || Expr::col((F::Entity::default(), column));
        let key: Value = match &position.key {
            Key::Id => return beyond_id,
            Key::Missing if greater => return value().is_null().and(beyond_id),
            Key::Missing => return value().is_not_null().or(beyond_id),
            Key::Text(text) => text.as_str().into(),
            Key::Instant(instant) => (*instant).into(),
            Key::Number(number) => (*number).into(),
        };
        // One comparison of pairs, which an index on the pair answers.
        let beyond = compare(Expr::tuple([value(), id()]), Expr::tuple([Expr::val(key), Expr::val(position.id)]));
        if greater && column.def().is_null() { beyond.or(value().is_null()) } else { beyond }
    }

    /// The position of a row.
    pub(crate) fn position(&self, row: &<F::Entity as EntityTrait>::Model) -> Result<Cursor, StoreError> {
        let key = match self.column.map(|column| row.get(column)) {
            None => Key::Id,
            Some(Value::String(Some(text))) => Key::Text(text),
            Some(Value::BigInt(Some(number))) => Key::Number(number),
            Some(Value::ChronoDateTimeUtc(Some(instant))) => Key::Instant(instant),
            Some(Value::ChronoDateTimeUtc(None)) => Key::Missing,
            Some(other) => return Err(StoreError::Corrupt { what: "an order's value", why: format!("{other:?}") }),
        };
        Ok(Cursor { list: self.list as u8, key, id: id_of::<F>(row)? })
    }
}

fn id_of<F: OrderField>(row: &<F::Entity as EntityTrait>::Model) -> Result<Uuid, StoreError> {
    match row.get(F::id()) {
        Value::Uuid(Some(id)) => Ok(id),
        other => Err(StoreError::Corrupt { what: "an id", why: format!("{other:?}") }),
    }
}
