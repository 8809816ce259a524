//! Lists: what they can be narrowed to and searched for, and that paging through them is right and cheap.

mod filters;
mod indexes;
mod pagination;
mod search;
mod states;

use serde_json::Value;
use tests::{Backend, TestApp};
use uuid::Uuid;

/// What a field of each node of a list says.
fn each(list: &Value, field: &str) -> Vec<String> {
    list["nodes"].as_array().unwrap().iter().map(|node| node[field].as_str().unwrap().to_owned()).collect()
}

/// What a field of each thing in a list at the root says, when the list is told `arguments`; its length is counted, too.
async fn listed(app: &TestApp, list: &str, arguments: &str, field: &str) -> Vec<String> {
    let list = app.query(&format!("{{ {list}({arguments}) {{ totalCount nodes {{ {field} }} }} }}")).await;
    let found = each(&list, field);
    assert_eq!(list["totalCount"], found.len(), "{arguments}");
    found
}

/// An id as the database has it.
fn sql(app: &TestApp, id: Uuid) -> String {
    match app.backend() {
        Backend::Sqlite => format!("X'{}'", id.simple()),
        Backend::Postgres => format!("'{id}'"),
    }
}
