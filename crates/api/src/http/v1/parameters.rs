//! The parameters of paths and query strings.

use std::str::FromStr;

use persistence::OffsetPage;
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

use crate::graphql::Failure;

const DEFAULT_SIZE: u32 = 20;
const MAX_SIZE: u32 = 100;
/// The maximum number of rows before a page, which the database reads and skips.
const MAX_OFFSET: u32 = 10_000;

/// The description of `{workshop_id}`.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
#[expect(dead_code, reason = "a description; `RequestInput` reads the path")]
pub(super) struct WorkshopPath {
    /// The id of the workshop, `wks_…`.
    #[param(example = "wks_01kdvdna00e00800000c000000")]
    workshop_id: String,
}

/// The description of `{registration_id}`.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
#[expect(dead_code, reason = "a description; `RequestInput` reads the path")]
pub(super) struct RegistrationPath {
    /// The id of a registration for this workshop, `reg_…`.
    #[param(example = "reg_01m86shx60emvr4w0ammz96aqw")]
    registration_id: String,
}

/// The description of `{guest_id}`.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
#[expect(dead_code, reason = "a description; `RequestInput` reads the path")]
pub(super) struct GuestPath {
    /// The id of the guest, `gst_…`.
    #[param(example = "gst_01kdvdna00e008000008000034")]
    guest_id: String,
}

/// The page of a list.
#[derive(Clone, Copy, Debug, Eq, IntoParams, PartialEq)]
#[into_params(parameter_in = Query)]
pub(super) struct PageParameters {
    /// The number of the page, from 1. At most 10,000 rows can precede the page: `(page - 1) * size`. A page after the last
    /// one is empty.
    #[param(required = false, minimum = 1, maximum = 10_001, default = 1)]
    page: u32,
    /// The number of rows of a page.
    #[param(required = false, minimum = 1, maximum = 100, default = 20)]
    pub(super) size: u32,
}

/// The position of a page in its list.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct PageInfo {
    /// The number of rows in the whole list, with the filters of the request.
    #[schema(example = 42)]
    total: u64,
    /// The number of the page, from 1.
    #[schema(minimum = 1, example = 1)]
    page: u32,
    /// The maximum number of rows of a page.
    #[schema(minimum = 1, maximum = 100, example = 20)]
    size: u32,
}

impl PageParameters {
    pub(super) fn parse(parameters: &[(String, String)]) -> Result<Self, Failure> {
        let number = |name, default| match single(parameters, name)? {
            Some(text) if text.bytes().all(|byte| byte.is_ascii_digit()) => text.parse().map_err(|_| invalid(name)),
            Some(_) => Err(invalid(name)),
            None => Ok(default),
        };
        let (page, size) = (number("page", 1)?, number("size", DEFAULT_SIZE)?);
        if !(1..=MAX_SIZE).contains(&size) {
            return Err(invalid("size"));
        }
        let offset = page.checked_sub(1).and_then(|pages: u32| pages.checked_mul(size));
        offset.filter(|offset| *offset <= MAX_OFFSET).ok_or_else(|| invalid("page"))?;
        Ok(Self { page, size })
    }

    /// The number of rows for which the request is charged. Invalid parameters are charged as the default.
    pub(super) fn charged_size(parameters: &Result<Self, Failure>) -> usize {
        parameters.as_ref().map_or(DEFAULT_SIZE, |parameters| parameters.size) as usize
    }

    pub(super) fn offset_page(self) -> OffsetPage {
        OffsetPage { offset: (self.page - 1) * self.size, size: self.size }
    }

    pub(super) fn page_info(self, total: u64) -> PageInfo {
        PageInfo { total, page: self.page, size: self.size }
    }
}

/// The id in a filter parameter. A blank value is no filter. `Err(UnknownId)`: the text is not an id, so the list is empty.
pub(super) fn id_filter<T: FromStr>(
    parameters: &[(String, String)],
    name: &'static str,
) -> Result<Result<Option<T>, UnknownId>, Failure> {
    let text = single(parameters, name)?.filter(|text| !text.trim().is_empty());
    Ok(text.map(str::parse).transpose().map_err(|_| UnknownId))
}

/// A filter whose id has no row.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct UnknownId;

/// The value of a parameter that can occur once.
fn single<'a>(parameters: &'a [(String, String)], name: &'static str) -> Result<Option<&'a str>, Failure> {
    let mut values = parameters.iter().filter(|(parameter, _)| parameter == name).map(|(_, value)| value.as_str());
    match (values.next(), values.next()) {
        (value, None) => Ok(value),
        _ => Err(Failure::bad_input(format!("`{name}` occurs more than once."))),
    }
}

fn invalid(name: &str) -> Failure {
    Failure::bad_input(match name {
        "size" => format!("`size` must be a number from 1 to {MAX_SIZE}."),
        _ => format!("`page` must be a number from 1, with at most {MAX_OFFSET} rows before the page."),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(parameters: &[(&str, &str)]) -> Result<PageParameters, Failure> {
        let parameters: Vec<_> = parameters.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect();
        PageParameters::parse(&parameters)
    }

    #[test]
    fn pages_are_counted_from_one_and_have_twenty_rows_by_default() {
        assert_eq!(parse(&[]).unwrap().offset_page(), OffsetPage { offset: 0, size: 20 });
        assert_eq!(parse(&[("page", "3"), ("size", "7")]).unwrap().offset_page(), OffsetPage { offset: 14, size: 7 });
        assert_eq!(parse(&[("page", "101"), ("size", "100")]).unwrap().offset_page().offset, 10_000);
    }

    #[test]
    fn the_openapi_document_has_the_bounds() {
        let described = serde_json::to_value(PageParameters::into_params(|| None)).unwrap();
        let (page, size) = (&described[0]["schema"], &described[1]["schema"]);
        assert_eq!((&page["minimum"], &page["maximum"]), (&1.into(), &(MAX_OFFSET + 1).into()));
        let bounds = (&size["minimum"], &size["maximum"], &size["default"]);
        assert_eq!(bounds, (&1.into(), &MAX_SIZE.into(), &DEFAULT_SIZE.into()));
    }

    #[test]
    fn invalid_pages_are_rejected() {
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
            assert!(parse(&[("page", page), ("size", size)]).is_err(), "{page} {size}");
        }
        assert!(parse(&[("page", "1"), ("page", "1")]).is_err());
    }
}
