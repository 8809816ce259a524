//! A client of a server that may be stopped, stopping or starting.

use std::{io::ErrorKind, time::Duration};

use serde_json::{Value, json};
use tests::ApiKey;
use ureq::Agent;

/// The outcome of a request.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// The server returned the value of the only root field.
    Completed(Value),
    /// The server did not receive the request.
    NotDelivered,
    /// The command may or may not have run: no response came, or one that says to repeat the request.
    Unknown,
}

/// Sends requests with one API key.
pub(crate) struct Client {
    agent: Agent,
    authorization: String,
}

impl Client {
    pub(crate) fn new(key: &ApiKey, timeout: Duration) -> Self {
        // Each request has its own connection. On a reused one, a late reset would not show whether the server got the
        // request.
        let config = Agent::config_builder().timeout_global(Some(timeout)).max_idle_connections(0);
        let agent = config.http_status_as_error(false).build().into();
        Self { agent, authorization: key.authorization() }
    }

    /// Sends a GraphQL request. Panics on an error whose code does not allow the client to repeat the request.
    pub(crate) fn send(&self, address: &str, query: &str, variables: &Value) -> Outcome {
        let request = self.agent.post(format!("http://{address}/graphql"));
        let request = request.header("authorization", &self.authorization).content_type("application/json");
        let body = match request.send(json!({ "query": query, "variables": variables }).to_string()) {
            Ok(mut response) => response.body_mut().read_to_string(),
            Err(ureq::Error::Io(error)) if error.kind() == ErrorKind::ConnectionRefused => {
                return Outcome::NotDelivered;
            }
            Err(ureq::Error::ConnectionFailed) => return Outcome::NotDelivered,
            Err(error) => Err(error),
        };
        let Ok(body) = body else { return Outcome::Unknown };
        let body: Value = serde_json::from_str(&body).unwrap_or_else(|_| panic!("{body}"));
        match body["errors"][0]["extensions"]["code"].as_str() {
            None => {
                let fields = body["data"].as_object().unwrap_or_else(|| panic!("{body:#}"));
                Outcome::Completed(fields.values().next().unwrap().clone())
            }
            Some("SERVICE_UNAVAILABLE" | "OVERLOADED" | "TIMEOUT") => Outcome::Unknown,
            Some(_) => panic!("{body:#}"),
        }
    }
}
