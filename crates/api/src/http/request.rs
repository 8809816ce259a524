//! Parses GraphQL requests.

use async_graphql::{Request, Variables};
use serde_json::{Map, Value};

use super::{document_id::DocumentId, error::HttpError, json, persisted_documents::PersistedDocuments};

/// A GraphQL request, and the id that was sent with its document.
pub(super) struct IdentifiedRequest {
    pub(super) request: Request,
    /// The id of a document that was sent as text.
    pub(super) sent_id: Option<DocumentId>,
}

/// Parses JSON. The error names the part of the request and the cause.
pub(super) fn json(bytes: &[u8], part: &str) -> Result<Value, HttpError> {
    json::parse(bytes).map_err(|cause| HttpError::bad_request(format!("{part} {cause}.")))
}

/// Parses the members of a GraphQL request. A member of the wrong type is an error.
pub(super) fn parse(body: Value, documents: &PersistedDocuments) -> Result<IdentifiedRequest, HttpError> {
    let mut members = match body {
        Value::Object(members) => members,
        Value::Array(_) => return Err(HttpError::bad_request("Batches are not accepted: send one request at a time.")),
        _ => return Err(HttpError::bad_request("The request must be a JSON object.")),
    };
    let id = document_id(&mut members)?;
    let (query, sent_id) = match (members.remove("query"), id) {
        (None | Some(Value::Null), Some(id)) => (documents.get(&id)?, None),
        (Some(Value::String(query)), Some(id)) if query.is_empty() => (documents.get(&id)?, None),
        (Some(Value::String(query)), id) => {
            documents.accept(&query, id.as_ref())?;
            (query, id)
        }
        _ => return Err(HttpError::bad_request("`query` is required and must be a string.")),
    };
    let mut request = Request::new(query);
    request.operation_name = match members.remove("operationName") {
        None | Some(Value::Null) => None,
        // Some clients send an empty name instead of none.
        Some(Value::String(name)) => Some(name).filter(|name| !name.is_empty()),
        Some(_) => return Err(HttpError::bad_request("`operationName` must be a string.")),
    };
    if let Some(variables) = object(&mut members, "variables")? {
        request.variables = Variables::from_json(Value::Object(variables));
    }
    Ok(IdentifiedRequest { request, sent_id })
}

/// The id of the document, from `documentId` or from the extension of Apollo's clients.
fn document_id(members: &mut Map<String, Value>) -> Result<Option<DocumentId>, HttpError> {
    // Other extensions are ignored.
    let extension = object(members, "extensions")?.and_then(|mut extensions| extensions.remove("persistedQuery"));
    let by_extension = extension.as_ref().map(DocumentId::from_extension).transpose()?;
    let by_id = match members.remove("documentId") {
        None | Some(Value::Null) => None,
        Some(Value::String(text)) if text.is_empty() => None,
        Some(Value::String(text)) => DocumentId::parse(&text).map(Some).ok_or_else(invalid_id)?,
        Some(_) => return Err(invalid_id()),
    };
    match (by_extension, by_id) {
        (Some(extension), Some(id)) if extension != id => {
            Err(HttpError::bad_request("`documentId` and `persistedQuery` name different documents."))
        }
        (by_extension, by_id) => Ok(by_extension.or(by_id)),
    }
}

fn invalid_id() -> HttpError {
    HttpError::bad_request("`documentId` must be `sha256:` and 64 hexadecimal digits, or a plain name.")
}

fn object(members: &mut Map<String, Value>, name: &str) -> Result<Option<Map<String, Value>>, HttpError> {
    match members.remove(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Object(object)) => Ok(Some(object)),
        Some(_) => Err(HttpError::bad_request(format!("`{name}` must be an object."))),
    }
}
