//! What an operation takes.

use allocation_counter::AllocationInfo;
use axum::{
    body::{Body, to_bytes},
    http::{Request, header},
};
use serde_json::{Value, json};
use tests::TestApp;
use tokio::runtime::Runtime;
use tower::ServiceExt;

/// A resource that an operation takes.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Resource {
    /// Bytes of the response.
    Bytes,
    /// Allocations, which stand for processor time.
    Allocations,
    /// The most bytes in memory at one time.
    Memory,
    Statements,
}

impl Resource {
    pub(crate) const ALL: [Self; 4] = [Self::Bytes, Self::Allocations, Self::Memory, Self::Statements];
}

/// What an operation took.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Measurement {
    /// The cost that was taken from the caller's budget.
    pub(crate) cost: u64,
    bytes: u64,
    allocations: u64,
    memory: u64,
    statements: u64,
}

impl Measurement {
    pub(crate) fn of(&self, resource: Resource) -> u64 {
        match resource {
            Resource::Bytes => self.bytes,
            Resource::Allocations => self.allocations,
            Resource::Memory => self.memory,
            Resource::Statements => self.statements,
        }
    }

    /// What the operation took beyond another one.
    pub(crate) fn without(self, base: &Self) -> Self {
        Self {
            cost: self.cost,
            bytes: self.bytes.saturating_sub(base.bytes),
            allocations: self.allocations.saturating_sub(base.allocations),
            memory: self.memory.saturating_sub(base.memory),
            statements: self.statements,
        }
    }
}

/// Runs an operation and measures it; `None`: the server rejected it, or stopped its response.
pub(crate) fn measure(runtime: &Runtime, app: &TestApp, document: &str) -> Option<Measurement> {
    // The first run prepares the statements. The second document is another text, which must be parsed and validated.
    let first = runtime.block_on(run(app, document));
    let body: Value = serde_json::from_slice(&first.body).unwrap();
    if body.get("data").is_none() {
        let setting = &body["errors"][0]["extensions"]["setting"];
        assert!(setting.is_string(), "not a limit: {body:.1000} {document}");
        return None;
    }
    assert!(body.get("errors").is_none(), "{body:.1000} {document}");
    let mut measured = None;
    let text = format!("{document} #");
    let AllocationInfo { count_total, bytes_max, .. } = allocation_counter::measure(|| {
        let (statements, response) = runtime.block_on(app.statements(run(app, &text)));
        allocation_counter::opt_out(|| measured = Some((statements, response.body.len(), response.remaining)));
    });
    let (statements, bytes, remaining) = measured.unwrap();
    Some(Measurement {
        cost: first.remaining - remaining,
        bytes: bytes as u64,
        allocations: count_total,
        memory: bytes_max,
        statements: statements as u64,
    })
}

struct Answered {
    body: Vec<u8>,
    /// The rest of the caller's budget.
    remaining: u64,
}

async fn run(app: &TestApp, document: &str) -> Answered {
    let request = Request::post("/graphql").header(header::CONTENT_TYPE, "application/json");
    let request = request.body(Body::from(json!({ "query": document }).to_string())).unwrap();
    let response = app.client().router().oneshot(request).await.unwrap();
    let level = response.headers().get("ratelimit").map_or("", |level| level.to_str().unwrap());
    let remaining =
        level.split(';').find_map(|part| part.strip_prefix("r=")).map_or(0, |number| number.parse().unwrap());
    Answered { body: to_bytes(response.into_body(), usize::MAX).await.unwrap().into(), remaining }
}

/// Returns the number of objects in a value.
pub(crate) fn objects(value: &Value) -> usize {
    match value {
        Value::Object(members) => 1 + members.values().map(objects).sum::<usize>(),
        Value::Array(values) => values.iter().map(objects).sum(),
        _ => 0,
    }
}
