//! Pages of lists, by keyset: a cursor contains the value that orders its row. So pages stay correct while rows are
//! inserted and deleted, and no rows are read only to be skipped.

use std::collections::HashMap;

use sea_orm::{
    ConnectionTrait, EntityTrait, QueryFilter, QueryResult, QuerySelect, QueryTrait, Select,
    sea_query::{Asterisk, ColumnRef, Expr, ExprTrait, Func, Order, Query, SelectStatement, WindowStatement},
};
use uuid::Uuid;

use crate::{
    Cursor, StoreError,
    pagination::keyset::{Keyset, OrderField, Side},
    rows::{row_decoding::DecodeRow, row_set::one_of},
};

/// The direction of a list.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Direction {
    /// From the least to the greatest; rows without a value come last.
    Ascending,
    /// From the greatest to the least; rows without a value come first.
    Descending,
}

/// The order of a list: a field, with the id to break ties.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Ordering<F> {
    /// The field.
    pub by: F,
    /// The direction.
    pub direction: Direction,
}

/// The end of a list from which a page is taken.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum PageEnd {
    /// The first rows.
    First,
    /// The last rows.
    Last,
}

/// A part of a list.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Page {
    /// The maximum number of rows.
    pub size: u32,
    /// The end of the list from which the rows are taken.
    pub end: PageEnd,
    /// Only rows after this one.
    pub after: Option<Cursor>,
    /// Only rows before this one.
    pub before: Option<Cursor>,
}

/// The rows of a page in the order of the list, whichever end they are taken from.
#[derive(Clone, Debug)]
pub struct Slice<T> {
    /// The rows, each with its cursor.
    pub rows: Vec<(Cursor, T)>,
    /// Whether there are more rows, on the side away from the end of the page.
    pub more: bool,
}

impl<T> Default for Slice<T> {
    fn default() -> Self {
        Self { rows: Vec::new(), more: false }
    }
}

impl<T> Slice<T> {
    /// The same page with other rows.
    pub fn map<U>(self, mut row: impl FnMut(T) -> U) -> Slice<U> {
        Slice { rows: self.rows.into_iter().map(|(cursor, of)| (cursor, row(of))).collect(), more: self.more }
    }
}

/// A part of a list by offset. Its rows shift while earlier rows are inserted and deleted.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct OffsetPage {
    /// The number of rows to skip.
    pub offset: u32,
    /// The maximum number of rows.
    pub size: u32,
}

type Row<F> = <<F as OrderField>::Entity as EntityTrait>::Model;

pub(crate) const PARENT: &str = "parent";
pub(crate) const NUMBER: &str = "number";

/// A page of one list.
pub(crate) async fn page<F: OrderField>(
    db: &impl ConnectionTrait,
    list: Select<F::Entity>,
    ordering: Ordering<F>,
    page: &Page,
) -> Result<Slice<Row<F>>, StoreError> {
    let keyset = Keyset::new(ordering, page.end);
    let mut list = restrict_to_page(list, &keyset, page).into_query();
    keyset.order(&mut list);
    list.limit(row_limit(page));
    slice(&db.query_all(&list).await?, &keyset, page)
}

/// A page of a list by offset. The skipped rows are read, so the caller has to bound the offset.
pub(crate) async fn page_by_offset<F: OrderField>(
    db: &impl ConnectionTrait,
    list: Select<F::Entity>,
    ordering: Ordering<F>,
    OffsetPage { offset, size }: OffsetPage,
) -> Result<Vec<Row<F>>, StoreError> {
    let mut list = list.into_query();
    Keyset::new(ordering, PageEnd::First).order(&mut list);
    list.offset(u64::from(offset)).limit(u64::from(size));
    Ok(db.query_all(&list).await?.iter().map(Row::<F>::decode).collect::<Result<_, _>>()?)
}

/// A page of each parent's list, in one statement.
pub(crate) async fn pages<F: OrderField>(
    db: &impl ConnectionTrait,
    list: Select<F::Entity>,
    parent: ColumnRef,
    parents: &[Uuid],
    ordering: Ordering<F>,
    page: &Page,
) -> Result<HashMap<Uuid, Slice<Row<F>>>, StoreError> {
    if let [only] = parents {
        // Without row numbers: a client that pages through a long list reads only one page of rows each time.
        let slice = self::page(db, list.filter(Expr::col(parent).eq(*only)), ordering, page).await?;
        return Ok(HashMap::from([(*only, slice)]));
    }
    let keyset = Keyset::new(ordering, page.end);
    let mut by_parent = WindowStatement::partition_by(parent.clone());
    keyset.order(&mut by_parent);
    let list = restrict_to_page(list, &keyset, page)
        .filter(one_of(db.get_database_backend(), parent.clone(), parents.iter().copied()))
        .expr_as(Expr::col(parent), PARENT);
    let statement =
        first_of_each(list.into_query(), by_parent, row_limit(page)).order_by(NUMBER, Order::Asc).to_owned();
    let mut rows: HashMap<Uuid, Vec<QueryResult>> = HashMap::new();
    for row in db.query_all(&statement).await? {
        rows.entry(row.try_get("", PARENT)?).or_default().push(row);
    }
    rows.into_iter().map(|(parent, rows)| Ok((parent, slice(&rows, &keyset, page)?))).collect()
}

/// The first `limit` rows of each partition of a window, in its order.
pub(crate) fn first_of_each(mut list: SelectStatement, window: WindowStatement, limit: u64) -> SelectStatement {
    let numbered = list.expr_window_as(Func::cust("ROW_NUMBER"), window, NUMBER).to_owned();
    Query::select()
        .column(Asterisk)
        .from_subquery(numbered, "numbered")
        .and_where(Expr::col(NUMBER).lte(limit))
        .to_owned()
}

/// The length of a list.
pub(crate) async fn count<E: EntityTrait>(db: &impl ConnectionTrait, list: Select<E>) -> Result<u64, StoreError> {
    let statement = list.into_query().clear_selects().expr_as(Expr::col(Asterisk).count(), NUMBER).to_owned();
    let row = db.query_one(&statement).await?;
    let number: i64 = row.map(|row| row.try_get("", NUMBER)).transpose()?.unwrap_or_default();
    Ok(number.unsigned_abs())
}

/// The length of each parent's list, in one statement. A parent without rows is absent from the result.
pub(crate) async fn counts<E: EntityTrait>(
    db: &impl ConnectionTrait,
    list: Select<E>,
    parent: ColumnRef,
    parents: impl IntoIterator<Item = Uuid>,
) -> Result<HashMap<Uuid, u64>, StoreError> {
    let statement = list
        .filter(one_of(db.get_database_backend(), parent.clone(), parents))
        .into_query()
        .clear_selects()
        .expr_as(Expr::col(parent.clone()), PARENT)
        .expr_as(Expr::col(Asterisk).count(), NUMBER)
        .add_group_by([Expr::col(parent)])
        .to_owned();
    let rows = db.query_all(&statement).await?;
    rows.iter().map(|row| Ok((row.try_get("", PARENT)?, row.try_get::<i64>("", NUMBER)?.unsigned_abs()))).collect()
}

/// One row more than the page, to detect whether there are more.
fn row_limit(page: &Page) -> u64 {
    u64::from(page.size) + 1
}

fn restrict_to_page<F: OrderField>(list: Select<F::Entity>, keyset: &Keyset<F>, page: &Page) -> Select<F::Entity> {
    let bounds = [(Side::After, &page.after), (Side::Before, &page.before)];
    bounds.into_iter().fold(list, |list, (side, position)| match position {
        Some(position) => list.filter(keyset.beyond(side, position)),
        None => list,
    })
}

fn slice<F: OrderField>(rows: &[QueryResult], keyset: &Keyset<F>, page: &Page) -> Result<Slice<Row<F>>, StoreError> {
    let size = page.size as usize;
    let more = rows.len() > size;
    let mut decoded = Vec::with_capacity(rows.len().min(size));
    for row in rows.iter().take(size) {
        let row = Row::<F>::decode(row)?;
        decoded.push((keyset.cursor(&row)?, row));
    }
    if page.end == PageEnd::Last {
        decoded.reverse();
    }
    Ok(Slice { rows: decoded, more })
}
