//! Asking a server that may be gone, going, or coming back.

use std::{io::ErrorKind, time::Duration};

use serde_json::{Value, json};
use tests::ApiKey;
use ureq::Agent;

/// What became of a request.
#[derive(Debug)]
pub(crate) enum Answer {
    /// What its only root field answered.
    Field(Value),
    /// Nobody heard it.
    Unheard,
    /// Whether it was done is not known: there was no answer, or one that says to try again.
    Lost,
}

/// Whoever holds a key.
pub(crate) struct Asker {
    agent: Agent,
    authorization: String,
}

impl Asker {
    /// One who waits so long for an answer.
    pub(crate) fn new(key: &ApiKey, patience: Duration) -> Self {
        // A connection for each request: one that is kept could be found dead, and nobody would know when it died.
        let config = Agent::config_builder().timeout_global(Some(patience)).max_idle_connections(0);
        let agent = config.http_status_as_error(false).build().into();
        Self { agent, authorization: key.authorization() }
    }

    /// A fault that says neither what to do nor that it may pass ends the test.
    pub(crate) fn ask(&self, address: &str, query: &str, variables: &Value) -> Answer {
        let request = self.agent.post(format!("http://{address}/graphql"));
        let request = request.header("authorization", &self.authorization).content_type("application/json");
        let body = match request.send(json!({ "query": query, "variables": variables }).to_string()) {
            Ok(mut response) => response.body_mut().read_to_string(),
            Err(ureq::Error::Io(error)) if error.kind() == ErrorKind::ConnectionRefused => return Answer::Unheard,
            Err(ureq::Error::ConnectionFailed) => return Answer::Unheard,
            Err(error) => Err(error),
        };
        let Ok(body) = body else { return Answer::Lost };
        let body: Value = serde_json::from_str(&body).unwrap_or_else(|_| panic!("{body}"));
        match body["errors"][0]["extensions"]["code"].as_str() {
            None => {
                let fields = body["data"].as_object().unwrap_or_else(|| panic!("{body:#}"));
                Answer::Field(fields.values().next().unwrap().clone())
            }
            Some("SERVICE_UNAVAILABLE" | "OVERLOADED" | "TIMEOUT") => Answer::Lost,
            Some(_) => panic!("{body:#}"),
        }
    }
}
