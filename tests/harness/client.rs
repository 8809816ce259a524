use axum::{
    Router,
    body::{Body, to_bytes},
    http::{Method, Request, header},
    response::Response,
};
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::{Answer, Events};

/// Encodes all bytes for an address.
pub fn percent_encode(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("%{byte:02X}")).collect::<Vec<_>>().concat()
}

/// A client of a server in process.
#[derive(Clone, Debug)]
pub struct Client {
    router: Router,
    /// The value of the `authorization` header.
    authorization: Option<String>,
}

impl Client {
    pub fn of(router: Router) -> Self {
        Self { router, authorization: None }
    }

    /// The same client with credentials.
    #[must_use]
    pub fn with_authorization(&self, authorization: &str) -> Self {
        Self { router: self.router.clone(), authorization: Some(authorization.to_owned()) }
    }

    /// The router of the server.
    pub fn router(&self) -> Router {
        self.router.clone()
    }

    async fn response(&self, mut request: Request<Body>) -> Response {
        if let Some(authorization) = &self.authorization {
            request.headers_mut().insert(header::AUTHORIZATION, authorization.parse().unwrap());
        }
        self.router.clone().oneshot(request).await.unwrap()
    }

    pub async fn graphql(&self, query: &str, variables: &Value) -> Answer {
        self.post(&json!({ "query": query, "variables": variables }).to_string()).await
    }

    /// Posts a body as JSON.
    pub async fn post(&self, body: &str) -> Answer {
        let request = Request::post("/graphql").header(header::CONTENT_TYPE, "application/json");
        self.send(request.body(Body::from(body.to_owned())).unwrap()).await
    }

    /// Sends a request to the REST API, with the body as JSON.
    pub async fn call(&self, method: Method, path: &str, body: Option<&Value>) -> Answer {
        let request = Request::builder().method(method).uri(path);
        let request = match body {
            Some(body) => request.header(header::CONTENT_TYPE, "application/json").body(body.to_string().into()),
            None => request.body(Body::empty()),
        };
        self.send(request.unwrap()).await
    }

    /// Sends a request for an event stream.
    pub async fn events(&self, request: Request<Body>) -> Events {
        Events::of(self.response(request).await)
    }

    /// Starts a subscription as an event stream.
    pub async fn subscribe(&self, query: &str, variables: &Value) -> Events {
        let request = Request::post("/graphql")
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::ACCEPT, "text/event-stream");
        let body = json!({ "query": query, "variables": variables }).to_string();
        self.events(request.body(Body::from(body)).unwrap()).await
    }

    /// Sends any request; a response body that is not JSON becomes a string.
    pub async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.response(request).await;
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, usize::MAX).await.unwrap();
        let body = serde_json::from_slice(&bytes).unwrap_or_else(|_| String::from_utf8_lossy(&bytes).into());
        Answer { status: parts.status, headers: parts.headers, body }
    }
}
