use async_graphql::{Request, Variables};
use serde_json::{Map, Value};

use super::{
    documents::{DocumentId, Documents},
    refusal::Refusal,
};

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
            ensure_shallow(&query)?;
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

/// The deepest that brackets may nest in a document.
const DEEPEST: usize = 64;

/// Refuses what would make the parser recurse until the stack is used up, which nothing can catch.
pub(super) fn ensure_shallow(document: &str) -> Result<(), Refusal> {
    if nesting(document) <= DEEPEST {
        return Ok(());
    }
    Err(Refusal::bad_request(format!("Brackets may nest {DEEPEST} deep in a document.")))
}

/// How deep brackets nest, outside of strings and comments.
fn nesting(document: &str) -> usize {
    let (mut depth, mut deepest) = (0_usize, 0);
    let mut rest = document;
    while let Some(at) = rest.find(['{', '[', '(', '}', ']', ')', '"', '#']) {
        let found = &rest[at..];
        let mut length = 1;
        match found.as_bytes()[0] {
            b'{' | b'[' | b'(' => depth += 1,
            b'}' | b']' | b')' => depth = depth.saturating_sub(1),
            b'#' => length = found.find(['\n', '\r']).unwrap_or(found.len()),
            _ => length = string_length(found),
        }
        deepest = deepest.max(depth);
        rest = &found[length..];
    }
    deepest
}

/// The length of the string or block string that begins here; to the end if it never closes.
fn string_length(text: &str) -> usize {
    let (quotes, escape): (&str, &[u8]) =
        if text.starts_with("\"\"\"") { ("\"\"\"", b"\\\"\"\"") } else { ("\"", b"\\") };
    let bytes = text.as_bytes();
    let mut at = quotes.len();
    while at < bytes.len() {
        if bytes[at..].starts_with(escape) {
            // What is escaped is one byte more, where the escape does not hold it itself.
            at += escape.len() + usize::from(escape.len() == 1);
        } else if bytes[at..].starts_with(quotes.as_bytes()) {
            return at + quotes.len();
        } else if quotes.len() == 1 && matches!(bytes[at], b'\n' | b'\r') {
            // A string ends with its line, closed or not.
            return at;
        } else {
            at += 1;
        }
    }
    bytes.len()
}

fn object(members: &mut Map<String, Value>, name: &str) -> Result<Option<Map<String, Value>>, Refusal> {
    match members.remove(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Object(object)) => Ok(Some(object)),
        Some(_) => Err(Refusal::bad_request(format!("`{name}` must be an object."))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brackets_are_counted_outside_of_strings_and_comments() {
        for (document, depth) in [
            ("{ a(b: [1, { c: 2 }]) { d } }", 4),
            ("{ a } { b }", 1),
            ("}}}{", 1),
            (r#"{ a(b: "[[[{{{(((") }"#, 2),
            (r#"{ a(b: "\"[[[\\") [ }"#, 2),
            (r#"{ a(b: """ " [[[ \""" {{{ """) }"#, 2),
            ("{ a # [[[{{{\n [ }", 2),
            ("{ a # [[[{{{", 1),
            ("{ \"unclosed [[[\n [ [", 3),
            ("\"é[[[", 0),
            ("\"\\", 0),
            ("é{", 1),
        ] {
            assert_eq!(nesting(document), depth, "{document}");
        }
    }

    #[test]
    fn a_document_at_the_limit_is_read_and_one_beyond_it_is_not() {
        let nested =
            |levels: usize| serde_json::json!({ "query": format!("{}{}", "[".repeat(levels), "]".repeat(levels)) });
        let documents = Documents::default();
        assert!(parse(nested(DEEPEST), &documents).is_ok());
        assert!(parse(nested(DEEPEST + 1), &documents).is_err());
        assert!(parse(nested(100_000), &documents).is_err());
    }
}
