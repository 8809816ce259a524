use async_graphql::{Request, Variables};
use serde_json::{Map, Value};

use super::{
    error::Refusal,
    json,
    persisted_documents::{DocumentId, Documents},
};

/// Reads JSON; of what is none it matters whether it is only nested deeper than anything here.
pub(super) fn json(bytes: &[u8], what: &str) -> Result<Value, Refusal> {
    json::read(bytes).map_err(|error| {
        // The library does not tell the kinds of its errors more finely than this.
        let wrong = match error.to_string() {
            deep if deep.starts_with("recursion limit exceeded") => "nests deeper than 127 levels",
            _ if error.is_data() => "has a member twice",
            _ => "is not JSON in UTF-8",
        };
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
    let id = document_id(&mut members)?;
    let query = match (members.remove("query"), id) {
        (None | Some(Value::Null), Some(id)) => documents.recall(&id)?,
        (Some(Value::String(query)), Some(id)) if query.is_empty() => documents.recall(&id)?,
        (Some(Value::String(query)), id) => {
            documents.take(&query, id)?;
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

/// What names the document: a `documentId`, or as Apollo's clients write it.
fn document_id(members: &mut Map<String, Value>) -> Result<Option<DocumentId>, Refusal> {
    // Of the extensions only this one is understood; the others are read so that a wrong type is refused.
    let extension = object(members, "extensions")?.and_then(|mut all| all.remove("persistedQuery"));
    let by_extension = extension.as_ref().map(DocumentId::of_extension).transpose()?;
    let by_id = match members.remove("documentId") {
        None | Some(Value::Null) => None,
        Some(Value::String(text)) if text.is_empty() => None,
        Some(Value::String(text)) => DocumentId::parse(&text).map(Some).ok_or_else(wrong_id)?,
        Some(_) => return Err(wrong_id()),
    };
    match (by_extension, by_id) {
        (Some(one), Some(other)) if one != other => {
            Err(Refusal::bad_request("`documentId` and `persistedQuery` name two documents."))
        }
        (one, other) => Ok(one.or(other)),
    }
}

fn wrong_id() -> Refusal {
    Refusal::bad_request("`documentId` must be `sha256:` and 64 lower-case hexadecimal digits, or a plain name.")
}

fn object(members: &mut Map<String, Value>, name: &str) -> Result<Option<Map<String, Value>>, Refusal> {
    match members.remove(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Object(object)) => Ok(Some(object)),
        Some(_) => Err(Refusal::bad_request(format!("`{name}` must be an object."))),
    }
}
