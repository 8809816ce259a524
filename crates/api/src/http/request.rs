use async_graphql::{Request, Variables};
use serde_json::{Map, Value};

use super::{
    documents::{DocumentHash, Documents},
    refusal::Refusal,
};

/// Reads JSON; of what is none it matters whether it is only nested deeper than anything here.
pub(super) fn json(bytes: &[u8], what: &str) -> Result<Value, Refusal> {
    serde_json::from_slice(bytes).map_err(|error| {
        // The library does not tell the kinds of its errors more finely than this.
        let is_deep = error.to_string().starts_with("recursion limit exceeded");
        let wrong = if is_deep { "nests deeper than 127 levels" } else { "is not JSON" };
        Refusal::bad_request(format!("{what} {wrong}."))
    })
}

/// Reads the members of a GraphQL request. What is there must be of its type: a wrong one is refused, not ignored.
pub(super) fn parse(body: Value, documents: &Documents) -> Result<Request, Refusal> {
    let mut members = match body {
        Value::Object(members) => members,
        Value::Array(_) => return Err(Refusal::bad_request("Batches are not accepted: send one request at a time.")),
        _ => return Err(Refusal::bad_request("The request must be a JSON object.")),
    };
    // Of the extensions only this one is understood; the others are read so that a wrong type is refused.
    let extension = object(&mut members, "extensions")?.and_then(|mut all| all.remove("persistedQuery"));
    let hash = extension.as_ref().map(DocumentHash::parse).transpose()?;
    let query = match (members.remove("query"), hash) {
        (None | Some(Value::Null), Some(hash)) => documents.recall(&hash)?,
        (Some(Value::String(query)), Some(hash)) if query.is_empty() => documents.recall(&hash)?,
        (Some(Value::String(query)), hash) => {
            if let Some(hash) = hash {
                documents.keep(hash, &query)?;
            }
            query
        }
        _ => return Err(Refusal::bad_request("`query` is required and must be a string.")),
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
    Ok(request)
}

fn object(members: &mut Map<String, Value>, name: &str) -> Result<Option<Map<String, Value>>, Refusal> {
    match members.remove(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Object(object)) => Ok(Some(object)),
        Some(_) => Err(Refusal::bad_request(format!("`{name}` must be an object."))),
    }
}
