use std::{collections::BTreeMap, fmt, sync::Mutex};

use serde_json::Value;

use crate::binary::RawResponse;

/// What a server may do to any client of an attack: it has limits for each caller and for all callers.
const LIMITS_OF_CALLERS: &[&str] = &["RATE_LIMITED", "OVERLOADED", "status 429", "status 503", DISCONNECTED];

/// The reason of a request without a response.
const DISCONNECTED: &str = "disconnected";

/// The responses of the server to an attack.
#[derive(Debug, Default)]
pub(crate) struct Responses(Mutex<Counts>);

#[derive(Debug, Default)]
struct Counts {
    requests: u64,
    /// Refused requests by their reason: an error code, the limit of a document, or a status.
    refused: BTreeMap<String, u64>,
}

impl Responses {
    /// Counts a response to a GraphQL request.
    pub(crate) fn count(&self, response: &RawResponse) {
        self.add(reason(response));
    }

    pub(crate) fn count_served(&self) {
        self.add(None);
    }

    /// Counts an entry of `errors`.
    pub(crate) fn count_error(&self, error: &Value) {
        self.add(Some(reason_of_error(error).unwrap_or_else(|| error.to_string())));
    }

    pub(crate) fn count_disconnected(&self) {
        self.add(Some(DISCONNECTED.to_owned()));
    }

    fn add(&self, reason: Option<String>) {
        let mut counts = self.0.lock().unwrap();
        counts.requests += 1;
        if let Some(reason) = reason {
            *counts.refused.entry(reason).or_default() += 1;
        }
    }

    pub(crate) fn requests(&self) -> u64 {
        self.0.lock().unwrap().requests
    }

    pub(crate) fn served(&self) -> u64 {
        let counts = self.0.lock().unwrap();
        counts.requests - counts.refused.values().sum::<u64>()
    }

    /// Asserts that the server refused requests for these reasons only, or by a limit. An attack with a mistake, such as an
    /// unknown field, would be harmless.
    pub(crate) fn assert_refused_only_for(&self, reasons: &[&str]) {
        for reason in self.0.lock().unwrap().refused.keys() {
            let is_limit = reason.starts_with("limit of ");
            let is_expected = LIMITS_OF_CALLERS.contains(&reason.as_str()) || reasons.contains(&reason.as_str());
            assert!(is_limit || is_expected, "the server refused a request of the attack with {reason}");
        }
    }
}

impl fmt::Display for Responses {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let counts = self.0.lock().unwrap();
        write!(f, "{} requests", counts.requests)?;
        for (reason, count) in &counts.refused {
            write!(f, ", {count} {reason}")?;
        }
        Ok(())
    }
}

/// The reason of a refused request; `None`: the server returned data.
fn reason(response: &RawResponse) -> Option<String> {
    let is_refused = response.status() >= 400 || response.body.starts_with(br#"{"errors""#);
    if !is_refused && !response.body.starts_with(br#"{"data":null"#) {
        return None;
    }
    let body = serde_json::from_slice::<Value>(&response.body).unwrap_or_default();
    Some(reason_of_error(&body["errors"][0]).unwrap_or_else(|| format!("status {}", response.status())))
}

/// The limit that an entry of `errors` names, or else its code.
fn reason_of_error(error: &Value) -> Option<String> {
    let extensions = &error["extensions"];
    let limit = extensions["setting"].as_str().map(|setting| format!("limit of {setting}"));
    limit.or_else(|| Some(extensions["code"].as_str()?.to_owned()))
}
