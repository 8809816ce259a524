//! Pagination by the Relay cursor connections specification.

use std::borrow::Cow;

use async_graphql::{
    ContainerType, Context, ContextSelectionSet, ObjectType, OutputType, Positioned, Result, ServerResult, Value,
    connection::{Connection, CursorType, Edge},
    parser::types::Field,
    registry::Registry,
    resolver_utils::resolve_container,
};
use persistence::{Cursor, CursorInvalid, OrderField, Ordering, Page, PageEnd, Slice};

use super::totals::TotalCount;
use crate::graphql::execution::{
    cost::list_cost,
    counted::{count_container, count_objects},
    fault::bad_input,
    response_size::{count, leaf_size},
    row_budget::ensure_room,
};

/// The size of a page if neither `first` nor `last` is given.
const DEFAULT_SIZE: u32 = 20;
/// The largest size of a page.
const MAX_SIZE: i32 = 100;

/// A connection whose totals are counted only if they are selected. It counts its objects in the size of the response.
pub(in crate::graphql) struct Listing<T: OutputType, C: ObjectType = TotalCount>(Connection<Position, T, C>);

/// The position of a row, encoded as text only if it is selected.
pub(in crate::graphql) struct Position(Cursor);

impl CursorType for Position {
    type Error = &'static str;

    fn decode_cursor(_: &str) -> Result<Self, Self::Error> {
        Err("a cursor can be decoded only by the list's order: see `PageArguments`")
    }

    fn encode_cursor(&self) -> String {
        self.0.encode()
    }
}

/// The pagination arguments of a connection.
#[derive(Debug, Default)]
pub(in crate::graphql) struct PageArguments {
    pub(in crate::graphql) first: Option<i32>,
    pub(in crate::graphql) after: Option<String>,
    pub(in crate::graphql) last: Option<i32>,
    pub(in crate::graphql) before: Option<String>,
}

impl PageArguments {
    /// Reads the arguments for a list in this order.
    pub(in crate::graphql) fn page<F: OrderField>(self, order: &Ordering<F>) -> Result<Page> {
        let (end, size) = match (self.first, self.last) {
            (Some(_), Some(_)) => return Err(bad_input("Pass `first` or `last`, not both.")),
            (Some(first), None) => (PageEnd::First, page_size("first", first)?),
            (None, Some(last)) => (PageEnd::Last, page_size("last", last)?),
            (None, None) => (PageEnd::First, DEFAULT_SIZE),
        };
        let decode = |name: &str, text| {
            let cursor = parse_cursor(text, order.by);
            cursor.map_err(|_| bad_input(format!("`{name}` is not a cursor of this list in this order.")))
        };
        Ok(Page { size, end, after: decode("after", self.after)?, before: decode("before", self.before)? })
    }
}

/// Reads a cursor. Some clients, such as Apollo's, send an empty text instead of none.
pub(in crate::graphql) fn parse_cursor(
    text: Option<String>,
    field: impl OrderField,
) -> Result<Option<Cursor>, CursorInvalid> {
    text.filter(|text| !text.is_empty()).map(|text| field.cursor(&text)).transpose()
}

fn page_size(name: &str, size: i32) -> Result<u32> {
    match u32::try_from(size) {
        Ok(valid) if size <= MAX_SIZE => Ok(valid),
        _ => Err(bad_input(format!("`{name}` must be from 0 to {MAX_SIZE}; it is {size}."))),
    }
}

/// Returns the cost of a page: one statement, and the selected fields for each row. Fields that are selected beside the
/// rows count for each row too, because the cost of the selection arrives as one number.
pub(in crate::graphql) fn page_cost(first: Option<i32>, last: Option<i32>, selected: usize) -> usize {
    // The arguments are not validated yet when costs are added up.
    let size = first.or(last).map_or(DEFAULT_SIZE, |size| size.clamp(0, MAX_SIZE).unsigned_abs());
    list_cost(size.max(1) as usize, selected)
}

/// Builds the connection of a page.
pub(in crate::graphql) fn listing<R, T: From<R> + OutputType, C: ObjectType>(
    slice: Slice<R>,
    page: &Page,
    totals: C,
) -> Listing<T, C> {
    let (has_previous, has_next) = match page.end {
        PageEnd::First => (page.after.is_some(), slice.more),
        PageEnd::Last => (slice.more, page.before.is_some()),
    };
    let mut connection = Connection::with_additional_fields(has_previous, has_next, totals);
    connection.edges.extend(slice.rows.into_iter().map(|(cursor, row)| Edge::new(Position(cursor), row.into())));
    Listing(connection)
}

impl<T: OutputType, C: ObjectType> OutputType for Listing<T, C> {
    fn type_name() -> Cow<'static, str> {
        <Connection<Position, T, C> as OutputType>::type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        Connection::<Position, T, C>::create_type_info(registry)
    }

    async fn resolve(&self, ctx: &ContextSelectionSet<'_>, _: &Positioned<Field>) -> ServerResult<Value> {
        count_container(ctx).await;
        resolve_container(ctx, self).await
    }
}

impl<T: OutputType, C: ObjectType> ContainerType for Listing<T, C> {
    async fn resolve_field(&self, ctx: &Context<'_>) -> ServerResult<Option<Value>> {
        let Self(connection) = self;
        let selected = ctx.with_selection_set(&ctx.item.node.selection_set);
        // async-graphql resolves these objects. All their leaves are cursors, which have similar lengths.
        let cursor_bytes = || connection.edges.first().map_or(0, |edge| edge.cursor.0.encode().len());
        match ctx.item.node.name.node.as_str() {
            "edges" => count_objects(&selected, connection.edges.len(), cursor_bytes()).await,
            "pageInfo" => count_objects(&selected, 1, cursor_bytes()).await,
            "nodes" => ensure_room(ctx, connection.edges.len()).await,
            _ => {}
        }
        let value = connection.resolve_field(ctx).await?;
        count(ctx, 0, value.as_ref().map_or(0, leaf_size)).await;
        Ok(value)
    }
}

impl<T: OutputType, C: ObjectType> ObjectType for Listing<T, C> {}

#[cfg(test)]
mod tests {
    use super::*;
    use persistence::{Direction, WorkshopOrder};

    fn page(first: Option<i32>, last: Option<i32>) -> Result<Page> {
        let by_title = Ordering { by: WorkshopOrder::Title, direction: Direction::Ascending };
        PageArguments { first, last, ..PageArguments::default() }.page(&by_title)
    }

    #[test]
    fn a_page_has_twenty_rows_by_default() {
        let page = page(None, None).unwrap();
        assert_eq!((page.size, page.end), (20, PageEnd::First));
    }

    #[test]
    fn a_size_outside_of_the_limit_is_rejected() {
        for size in [-1, 101, i32::MIN, i32::MAX] {
            assert!(page(Some(size), None).unwrap_err().message.contains("from 0 to 100"));
            assert!(page(None, Some(size)).unwrap_err().message.contains(&size.to_string()));
        }
        assert!(page(Some(1), Some(1)).is_err());
        assert_eq!(page(Some(0), None).unwrap().size, 0);
        assert_eq!(page(None, Some(100)).unwrap().end, PageEnd::Last);
    }

    #[test]
    fn an_invalid_size_costs_no_more_than_the_largest_page() {
        assert_eq!(page_cost(None, None, 3), 65);
        assert_eq!(page_cost(Some(i32::MIN), None, 3), 8);
        assert_eq!(page_cost(None, Some(i32::MAX), 3), 305);
        let most = page_cost(Some(100), None, usize::MAX);
        assert!(most > usize::MAX / 1_000_000_000 && most.checked_mul(100_000).is_some(), "{most}");
    }
}
