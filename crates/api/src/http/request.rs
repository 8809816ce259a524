use async_graphql::{Request, Variables};
use serde_json::{Map, Value};

use super::refusal::Refusal;

/// Reads the members of a GraphQL request. What is there must be of its type: a wrong one is refused, not ignored.
pub(super) fn parse(body: Value) -> Result<Request, Refusal> {
    let mut members = match body {
        Value::Object(members) => members,
        Value::Array(_) => return Err(Refusal::bad_request("Batches are not accepted: send one request at a time.")),
        _ => return Err(Refusal::bad_request("The request must be a JSON object.")),
    };
    let Some(Value::String(query)) = members.remove("query") else {
        return Err(Refusal::bad_request("`query` is required and must be a string."));
    };
    let mut request = Request::new(query);
    request.operation_name = match members.remove("operationName") {
        None | Some(Value::Null) => None,
        Some(Value::String(name)) => Some(name),
        Some(_) => return Err(Refusal::bad_request("`operationName` must be a string.")),
    };
    if let Some(variables) = object(&mut members, "variables")? {
        request.variables = Variables::from_json(Value::Object(variables));
    }
    // Read so that a wrong type is refused; no extension is understood yet.
    object(&mut members, "extensions")?;
    Ok(request)
}

fn object(members: &mut Map<String, Value>, name: &str) -> Result<Option<Map<String, Value>>, Refusal> {
    match members.remove(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Object(object)) => Ok(Some(object)),
        Some(_) => Err(Refusal::bad_request(format!("`{name}` must be an object."))),
    }
}
