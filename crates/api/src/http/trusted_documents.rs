//! Lists of trusted documents.

use std::{collections::HashMap, fmt, str::FromStr, sync::Arc};

use async_graphql::parser::parse_query;
use serde_json::{Map, Value};

use super::{document_id::DocumentId, json};
use crate::DocumentLimits;

/// The documents that an operator trusts, as the build of a client lists them.
#[derive(Clone)]
pub struct TrustedDocuments(Arc<HashMap<DocumentId, Arc<str>>>);

/// Why a text is not a list of trusted documents.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum TrustedDocumentsInvalid {
    /// The text has neither of the two formats.
    Format,
    /// The key of this entry is not a valid document id.
    Id(String),
    /// The key of this entry is the hash of another document.
    Hash(String),
    /// The document of this entry is not GraphQL, or is nested too deeply.
    Document(String),
}

/// The `format` of Apollo's manifest.
const APOLLO: &str = "apollo-persisted-query-manifest";

impl fmt::Display for TrustedDocumentsInvalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Format => write!(
                f,
                "expected a JSON object of documents by their SHA-256, or a manifest of the format {APOLLO}, version 1"
            ),
            Self::Id(id) => write!(
                f,
                "the key {id} is neither a SHA-256 in hexadecimal digits nor a plain name; other hashes are \
                 not supported (graphql-codegen: `hashAlgorithm: 'sha256'`, Relay: `algorithm: \"SHA256\"`)"
            ),
            Self::Hash(id) => write!(f, "the key {id} is not the SHA-256 of its document"),
            Self::Document(id) => write!(f, "the document of the key {id} is not valid GraphQL, or nests too deeply"),
        }
    }
}

impl std::error::Error for TrustedDocumentsInvalid {}

impl fmt::Debug for TrustedDocuments {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TrustedDocuments({})", self.0.len())
    }
}

impl FromStr for TrustedDocuments {
    type Err = TrustedDocumentsInvalid;

    fn from_str(text: &str) -> Result<Self, TrustedDocumentsInvalid> {
        let Ok(Value::Object(list)) = json::parse(text.as_bytes()) else {
            return Err(TrustedDocumentsInvalid::Format);
        };
        // The nesting protects the parser's stack. The other limits apply when the document runs.
        let nesting_only = DocumentLimits { bytes: usize::MAX, tokens: usize::MAX, ..DocumentLimits::default() };
        let mut trusted = HashMap::new();
        for (key, document) in if list.contains_key("format") { manifest(&list)? } else { plain_list(&list)? } {
            let id = key.strip_prefix("sha256:").unwrap_or(key);
            let (id, hash) = (DocumentId::parse(id), DocumentId::of_text(document));
            let id = id.ok_or_else(|| TrustedDocumentsInvalid::Id(key.to_owned()))?;
            if id.is_hash() && id != hash {
                return Err(TrustedDocumentsInvalid::Hash(key.to_owned()));
            }
            if nesting_only.ensure_short(document).is_err() || parse_query(document).is_err() {
                return Err(TrustedDocumentsInvalid::Document(key.to_owned()));
            }
            let document: Arc<str> = document.into();
            trusted.insert(id, document.clone());
            trusted.insert(hash, document);
        }
        Ok(Self(Arc::new(trusted)))
    }
}

/// The keys and documents of a plain list. All keys must be hashes: a key of another hash function looks like a name.
fn plain_list(list: &Map<String, Value>) -> Result<Vec<(&str, &str)>, TrustedDocumentsInvalid> {
    let entries = list.iter().map(|(key, document)| {
        let document = document.as_str().ok_or(TrustedDocumentsInvalid::Format)?;
        match DocumentId::parse(key.strip_prefix("sha256:").unwrap_or(key)) {
            Some(id) if id.is_hash() => Ok((key.as_str(), document)),
            _ => Err(TrustedDocumentsInvalid::Id(key.clone())),
        }
    });
    entries.collect()
}

/// The ids and documents of Apollo's manifest, whose ids can be names.
fn manifest(list: &Map<String, Value>) -> Result<Vec<(&str, &str)>, TrustedDocumentsInvalid> {
    let is_supported = list["format"] == APOLLO && list.get("version").and_then(Value::as_u64) == Some(1);
    let operations = list.get("operations").and_then(Value::as_array).filter(|_| is_supported);
    let entries = operations.ok_or(TrustedDocumentsInvalid::Format)?.iter().map(|operation| {
        let text = |name: &str| operation.get(name)?.as_str();
        text("id").zip(text("body")).ok_or(TrustedDocumentsInvalid::Format)
    });
    entries.collect()
}

impl TrustedDocuments {
    pub(super) fn get(&self, id: &DocumentId) -> Option<Arc<str>> {
        self.0.get(id).cloned()
    }

    pub(super) fn has_text(&self, document: &str) -> bool {
        self.0.contains_key(&DocumentId::of_text(document))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const DOCUMENT: &str = "query A { __typename }";
    const HASH: &str = "aed34f3aa3d67f4038584ed674dc16bc23504d6d65653dc605dd306aeb1fd56d";

    fn read(list: &Value) -> Result<TrustedDocuments, TrustedDocumentsInvalid> {
        list.to_string().parse()
    }

    fn apollo(id: &str, version: u32) -> Value {
        let operation = json!({ "id": id, "name": "A", "type": "query", "body": DOCUMENT });
        json!({ "format": APOLLO, "version": version, "operations": [operation] })
    }

    #[test]
    fn both_formats_are_parsed() {
        for list in [
            json!({ HASH: DOCUMENT }),
            json!({ HASH.to_uppercase(): DOCUMENT }),
            json!({ format!("sha256:{HASH}"): DOCUMENT }),
            apollo(HASH, 1),
        ] {
            let trusted = read(&list).unwrap();
            assert!(trusted.has_text(DOCUMENT) && !trusted.has_text("query A {__typename}"));
            assert_eq!(trusted.get(&DocumentId::of_text(DOCUMENT)).as_deref(), Some(DOCUMENT));
        }
        let named = read(&apollo("TheName", 1)).unwrap();
        assert_eq!(named.get(&DocumentId::parse("TheName").unwrap()).as_deref(), Some(DOCUMENT));
        assert!(named.has_text(DOCUMENT));
    }

    #[test]
    fn an_error_names_the_invalid_entry() {
        let other = HASH.replace(|digit: char| digit.is_ascii_digit(), "0");
        for (list, error) in [
            (json!([]), TrustedDocumentsInvalid::Format),
            (json!({ HASH: 1 }), TrustedDocumentsInvalid::Format),
            (apollo(HASH, 2), TrustedDocumentsInvalid::Format),
            (json!({ "format": "mine" }), TrustedDocumentsInvalid::Format),
            (json!({ &other: DOCUMENT }), TrustedDocumentsInvalid::Hash(other.clone())),
            (apollo(&other, 1), TrustedDocumentsInvalid::Hash(other.clone())),
            (
                json!({ "d41d8cd98f00b204e9800998ecf8427e": DOCUMENT }),
                TrustedDocumentsInvalid::Id("d41d8cd98f00b204e9800998ecf8427e".to_owned()),
            ),
            (apollo("a b", 1), TrustedDocumentsInvalid::Id("a b".to_owned())),
            (
                json!({ "021fb596db81e6d02bf3d2586ee3981fe519f275c0ac9ca76bbcf2ebb4097d96": "{" }),
                TrustedDocumentsInvalid::Document(
                    "021fb596db81e6d02bf3d2586ee3981fe519f275c0ac9ca76bbcf2ebb4097d96".to_owned(),
                ),
            ),
        ] {
            assert_eq!(read(&list).err(), Some(error), "{list}");
        }
        let twice = format!("{{ \"{HASH}\": \"{DOCUMENT}\", \"{HASH}\": \"{DOCUMENT}\" }}");
        assert_eq!(twice.parse::<TrustedDocuments>().err(), Some(TrustedDocumentsInvalid::Format));
    }
}
