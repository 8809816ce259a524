//! Pages of lists, by keyset: a cursor holds what its row is ordered by, so that a page stays right while rows come
//! and go, and no rows are read only to be skipped.

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

/// Which way a list runs.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Direction {
    /// From the least to the greatest; rows without a value come last.
    Ascending,
    /// From the greatest to the least; rows without a value come first.
    Descending,
}

/// What a list is ordered by: a field, with the id to break ties.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Ordering<F> {
    /// The field.
    pub by: F,
    /// Which way.
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
    /// The most rows.
    pub size: u32,
    /// The end from which they are taken.
    pub end: PageEnd,
    /// Only rows behind this one.
    pub after: Option<Cursor>,
    /// Only rows before this one.
    pub before: Option<Cursor>,
}

/// The rows of a page in the order of the list, whichever end they were taken from.
#[derive(Clone, Debug)]
pub struct Slice<T> {
    /// The rows, each with its cursor.
    pub rows: Vec<(Cursor, T)>,
    /// Whether there are rows beyond the page, on the side away from the end it was taken from.
    pub more: bool,
}

impl<T> Default for Slice<T> {
    fn default() -> Self {
        Self { rows: Vec::new(), more: false }
    }
}

/// A part of a list by its number in it: such a part moves while rows come and go before it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct OffsetPage {
    /// How many rows come before it.
    pub offset: u32,
    /// The most rows.
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
    let keyset = Keyset::of(ordering, page.end);
    let mut list = within(list, &keyset, page).into_query();
    keyset.order(&mut list);
    list.limit(wanted(page));
    slice(&db.query_all(&list).await?, &keyset, page)
}

/// So many rows of a list, behind those before them. They are read and skipped, so whoever asks bounds how many there are.
pub(crate) async fn page_by_offset<F: OrderField>(
    db: &impl ConnectionTrait,
    list: Select<F::Entity>,
    ordering: Ordering<F>,
    OffsetPage { offset, size }: OffsetPage,
) -> Result<Vec<Row<F>>, StoreError> {
    let mut list = list.into_query();
    Keyset::of(ordering, PageEnd::First).order(&mut list);
    list.offset(u64::from(offset)).limit(u64::from(size));
    Ok(db.query_all(&list).await?.iter().map(Row::<F>::read).collect::<Result<_, _>>()?)
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
        // Not numbered: whoever pages through a long list reads no more of it each time than the page.
        let slice = self::page(db, list.filter(Expr::col(parent).eq(*only)), ordering, page).await?;
        return Ok(HashMap::from([(*only, slice)]));
    }
    let keyset = Keyset::of(ordering, page.end);
    let mut in_its_parent = WindowStatement::partition_by(parent.clone());
    keyset.order(&mut in_its_parent);
    let list = within(list, &keyset, page)
        .filter(one_of(db.get_database_backend(), parent.clone(), parents.iter().copied()))
        .expr_as(Expr::col(parent), PARENT);
    let statement = first_of_each(list, in_its_parent, wanted(page)).order_by(NUMBER, Order::Asc).to_owned();
    let mut rows: HashMap<Uuid, Vec<QueryResult>> = HashMap::new();
    for row in db.query_all(&statement).await? {
        rows.entry(row.try_get("", PARENT)?).or_default().push(row);
    }
    rows.into_iter().map(|(parent, rows)| Ok((parent, slice(&rows, &keyset, page)?))).collect()
}

/// Of each part into which a window divides a list, the first rows in its order, so many.
pub(crate) fn first_of_each(
    list: impl QueryTrait<QueryStatement = SelectStatement>,
    by: WindowStatement,
    most: u64,
) -> SelectStatement {
    let numbered = list.into_query().expr_window_as(Func::cust("ROW_NUMBER"), by, NUMBER).to_owned();
    Query::select()
        .column(Asterisk)
        .from_subquery(numbered, "numbered")
        .and_where(Expr::col(NUMBER).lte(most))
        .to_owned()
}

/// How long a list is.
pub(crate) async fn count<E: EntityTrait>(db: &impl ConnectionTrait, list: Select<E>) -> Result<u64, StoreError> {
    let statement = list.into_query().clear_selects().expr_as(Expr::col(Asterisk).count(), NUMBER).to_owned();
    let row = db.query_one(&statement).await?;
    let number: i64 = row.map(|row| row.try_get("", NUMBER)).transpose()?.unwrap_or_default();
    Ok(number.unsigned_abs())
}

/// How long each parent's list is, in one statement. A parent without rows is not in the answer.
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

/// One row more than asked for tells whether there are more.
fn wanted(page: &Page) -> u64 {
    u64::from(page.size) + 1
}

fn within<F: OrderField>(list: Select<F::Entity>, keyset: &Keyset<F>, page: &Page) -> Select<F::Entity> {
    let bounds = [(Side::Behind, &page.after), (Side::Before, &page.before)];
    bounds.into_iter().fold(list, |list, (side, position)| match position {
        Some(position) => list.filter(keyset.beyond(side, position)),
        None => list,
    })
}

fn slice<F: OrderField>(found: &[QueryResult], keyset: &Keyset<F>, page: &Page) -> Result<Slice<Row<F>>, StoreError> {
    let size = page.size as usize;
    let more = found.len() > size;
    let mut rows = Vec::with_capacity(found.len().min(size));
    for row in found.iter().take(size) {
        let row = Row::<F>::read(row)?;
        rows.push((keyset.position(&row)?, row));
    }
    if page.end == PageEnd::Last {
        rows.reverse();
    }
    Ok(Slice { rows, more })
}
