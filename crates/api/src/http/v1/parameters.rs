//! What stands behind the question mark.

use std::str::FromStr;

use persistence::OffsetPage;
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

use crate::graphql::Failure;

/// Rows of a page when nothing is said.
const SIZE: u32 = 20;
/// The most rows of a page.
const MOST: u32 = 100;
/// The most rows before a page: they are read and skipped.
const DEEPEST: u32 = 10_000;

/// Which page of a list.
#[derive(Clone, Copy, Debug, Eq, IntoParams, PartialEq)]
#[into_params(parameter_in = Query)]
pub(super) struct Window {
    /// The number of the page, from 1. At most 10,000 rows may come before it: `(page - 1) * size`. A page behind the last
    /// one is empty.
    #[param(required = false, minimum = 1, maximum = 10_001, default = 1)]
    page: u32,
    /// Rows of a page.
    #[param(required = false, minimum = 1, maximum = 100, default = 20)]
    pub(super) size: u32,
}

/// Where a page is in its list.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct PageInfo {
    /// How many there are in the whole list, with its filters.
    #[schema(example = 42)]
    total: u64,
    /// The number of the page, from 1.
    #[schema(minimum = 1, example = 1)]
    page: u32,
    /// The most rows of a page.
    #[schema(minimum = 1, maximum = 100, example = 20)]
    size: u32,
}

impl Window {
    pub(super) fn read(parameters: &[(String, String)]) -> Result<Self, Failure> {
        let number = |name, otherwise| match one(parameters, name)? {
            Some(text) if text.bytes().all(|byte| byte.is_ascii_digit()) => text.parse().map_err(|_| wrong(name)),
            Some(_) => Err(wrong(name)),
            None => Ok(otherwise),
        };
        let (page, size) = (number("page", 1)?, number("size", SIZE)?);
        if !(1..=MOST).contains(&size) {
            return Err(wrong("size"));
        }
        let before = page.checked_sub(1).and_then(|pages: u32| pages.checked_mul(size));
        before.filter(|before| *before <= DEEPEST).ok_or_else(|| wrong("page"))?;
        Ok(Self { page, size })
    }

    /// How many rows its page has at most, for what it costs. One that is refused costs as the one that is not asked for.
    pub(super) fn size_of(window: &Result<Self, Failure>) -> usize {
        window.as_ref().map_or(SIZE, |window| window.size) as usize
    }

    pub(super) fn stretch(self) -> OffsetPage {
        OffsetPage { offset: (self.page - 1) * self.size, size: self.size }
    }

    pub(super) fn info(self, total: u64) -> PageInfo {
        PageInfo { total, page: self.page, size: self.size }
    }
}

/// What a list is narrowed to; a blank value narrows nothing. `Err`: the id names nothing, so that nothing can be found.
pub(super) fn narrowed<T: FromStr>(
    parameters: &[(String, String)],
    name: &'static str,
) -> Result<Result<Option<T>, FindsNothing>, Failure> {
    let text = one(parameters, name)?.filter(|text| !text.trim().is_empty());
    Ok(text.map(str::parse).transpose().map_err(|_| FindsNothing))
}

/// An id that is searched for names nothing.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct FindsNothing;

/// The value of a parameter, which may come once.
fn one<'a>(parameters: &'a [(String, String)], name: &'static str) -> Result<Option<&'a str>, Failure> {
    let mut values = parameters.iter().filter(|(its, _)| its == name).map(|(_, value)| value.as_str());
    match (values.next(), values.next()) {
        (value, None) => Ok(value),
        _ => Err(Failure::bad_input(format!("`{name}` may come once."))),
    }
}

fn wrong(name: &str) -> Failure {
    Failure::bad_input(match name {
        "size" => format!("`size` is a number from 1 to {MOST}."),
        _ => format!("`page` is a number from 1 on, and at most {DEEPEST} rows may come before it."),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(parameters: &[(&str, &str)]) -> Result<Window, Failure> {
        let parameters: Vec<_> = parameters.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect();
        Window::read(&parameters)
    }

    #[test]
    fn pages_are_counted_from_one_and_have_twenty_rows_when_nothing_is_said() {
        assert_eq!(read(&[]).unwrap().stretch(), OffsetPage { offset: 0, size: 20 });
        assert_eq!(read(&[("page", "3"), ("size", "7")]).unwrap().stretch(), OffsetPage { offset: 14, size: 7 });
        assert_eq!(read(&[("page", "101"), ("size", "100")]).unwrap().stretch().offset, 10_000);
    }

    #[test]
    fn the_document_has_the_bounds() {
        let told = serde_json::to_value(Window::into_params(|| None)).unwrap();
        let (page, size) = (&told[0]["schema"], &told[1]["schema"]);
        assert_eq!((&page["minimum"], &page["maximum"]), (&1.into(), &(DEEPEST + 1).into()));
        let bounds = (&size["minimum"], &size["maximum"], &size["default"]);
        assert_eq!(bounds, (&1.into(), &MOST.into(), &SIZE.into()));
    }

    #[test]
    fn what_is_no_page_is_refused() {
        for (page, size) in [
            ("0", "20"),
            ("-1", "20"),
            ("+1", "20"),
            ("", "20"),
            ("one", "20"),
            ("1", "0"),
            ("1", "101"),
            ("1", "1.5"),
            ("102", "100"),
            ("4294967295", "100"),
            ("4294967296", "1"),
        ] {
            assert!(read(&[("page", page), ("size", size)]).is_err(), "{page} {size}");
        }
        assert!(read(&[("page", "1"), ("page", "1")]).is_err());
    }
}
