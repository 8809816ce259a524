//! The two pages that a booking site shows most, as requests.

use serde_json::json;

use crate::{dataset::Dataset, request::Request, seed};

const LIST: &str = include_str!("List.graphql");
const DETAIL: &str = include_str!("Detail.graphql");

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum PageKind {
    /// The list of workshops, named Q1 in the report.
    List,
    /// The page of one workshop, named Q2 in the report.
    Detail,
}

/// Requests for one kind of page, with different ids. Both lists have the same ids in the same order.
pub(crate) struct Page {
    pub(crate) kind: PageKind,
    pub(crate) graphql: Vec<Request>,
    pub(crate) baseline: Vec<Request>,
}

pub(crate) fn pages(dataset: &Dataset) -> [Page; 2] {
    let sample = |count: u32| {
        let (pages, step) = seed::sample(count);
        (0..pages).map(move |number| number * step % count)
    };
    let graphql = |query: &str, id: String| {
        let body = json!({ "query": query, "variables": { "id": id } });
        Request::Post { path: "/graphql".to_owned(), body, api_key: dataset.api_key.clone() }
    };
    let (centers, workshops) = (dataset.size.centers(), dataset.size.workshops);
    [
        Page {
            kind: PageKind::List,
            graphql: sample(centers).map(|number| graphql(LIST, seed::center(number).to_string())).collect(),
            baseline: sample(centers)
                .map(|number| Request::Get { path: format!("/list/{}", seed::center(number).uuid()) })
                .collect(),
        },
        Page {
            kind: PageKind::Detail,
            graphql: sample(workshops).map(|number| graphql(DETAIL, seed::workshop(number).to_string())).collect(),
            baseline: sample(workshops)
                .map(|number| Request::Get { path: format!("/detail/{}", seed::workshop(number).uuid()) })
                .collect(),
        },
    ]
}
