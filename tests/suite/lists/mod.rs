//! Lists: filters, search, order and pagination.

mod filters;
mod indexes;
mod pagination;
mod search;
mod states;

use serde_json::Value;
use tests::{Backend, TestApp};
use uuid::Uuid;

/// The value of a field in each node of a list.
fn each(list: &Value, field: &str) -> Vec<String> {
    list["nodes"].as_array().unwrap().iter().map(|node| node[field].as_str().unwrap().to_owned()).collect()
}

/// The value of a field in each node of a root list with these arguments. Checks the total count.
async fn listed(app: &TestApp, list: &str, arguments: &str, field: &str) -> Vec<String> {
    let list = app.query(&format!("{{ {list}({arguments}) {{ totalCount nodes {{ {field} }} }} }}")).await;
    let found = each(&list, field);
    assert_eq!(list["totalCount"], found.len(), "{arguments}");
    found
}

/// An id as an SQL literal.
fn sql(app: &TestApp, id: Uuid) -> String {
    match app.backend() {
        Backend::Sqlite => format!("X'{}'", id.simple()),
        Backend::Postgres => format!("'{id}'"),
    }
}
