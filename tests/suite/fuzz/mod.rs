//! Fuzz tests: no input causes a panic, a hang, an unmasked fault or an error without a code. `ATELIER_FUZZ_SECONDS` sets
//! the duration of each test (3), and `ATELIER_FUZZ_SEED` repeats a run.

mod documents;
mod grammar;
mod identifiers;
mod requests;
mod websockets;

use std::{
    fmt::Debug,
    time::{Duration, Instant},
};

use axum::{body::Body, http::Request};
use proptest::{
    prelude::*,
    test_runner::{Config, RngAlgorithm, TestError, TestRng, TestRunner},
};
use serde_json::Value;
use tests::{Backend, TestApp, a_workshop, run_on};
use uuid::Uuid;

/// The longest response time. Without optimization everything takes about ten times as long.
const LONGEST: Duration = Duration::from_millis(if cfg!(debug_assertions) { 1_000 } else { 100 });

fn from_environment<T: std::str::FromStr>(name: &str) -> Option<T> {
    std::env::var(name).ok().and_then(|text| text.parse().ok())
}

/// Runs the test on generated values for a while, against a server with some data.
#[expect(clippy::needless_pass_by_value, reason = "a closure that is written where it is used")]
fn fuzz<T: Debug>(strategy: &impl Strategy<Value = T>, test: impl AsyncFn(&TestApp, T) -> Result<(), String>) {
    let seed: u128 = from_environment("ATELIER_FUZZ_SEED").unwrap_or_else(|| Uuid::now_v7().as_u128());
    let until = Instant::now() + Duration::from_secs(from_environment("ATELIER_FUZZ_SECONDS").unwrap_or(3));
    let mut bytes = [0; 32];
    bytes[..16].copy_from_slice(&seed.to_be_bytes());
    let config = Config { cases: 20, failure_persistence: None, max_shrink_iters: 500, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &bytes));
    run_on(Backend::Sqlite, async |app: TestApp| {
        let workshop = app.given(a_workshop().capacity(2)).await;
        for guest in ["ann", "bob", "cleo"] {
            app.register(&workshop, guest).await.field();
        }
        while Instant::now() < until {
            let result = runner.run(strategy, |made| {
                let running = test(&app, made);
                let result_of_test =
                    tokio::task::block_in_place(|| tokio::runtime::Handle::current().block_on(running));
                result_of_test.map_err(TestCaseError::fail)
            });
            match result {
                Ok(()) => {}
                Err(TestError::Fail(why, made)) => panic!("ATELIER_FUZZ_SEED={seed}: {why}\nwith {made:#?}"),
                Err(error) => panic!("ATELIER_FUZZ_SEED={seed}: {error}"),
            }
        }
    });
}

/// Sends a request, and up to three times more if it is slow: on a busy machine one slow response proves nothing.
async fn send(app: &TestApp, request: impl Fn() -> Option<Request<Body>>) -> Result<(), String> {
    let mut fastest = Duration::MAX;
    for _ in 0..4 {
        // A request that is not HTTP never reaches the server.
        let Some(request) = request() else { return Ok(()) };
        let begun = Instant::now();
        let answer = app.send(request).await;
        fastest = fastest.min(begun.elapsed());
        if answer.status.as_u16() >= 500 {
            return Err(format!("{}: {:#}", answer.status, answer.body));
        }
        ensure_no_fault(&answer.body)?;
        if fastest <= LONGEST {
            return Ok(());
        }
    }
    Err(format!("the response took {fastest:?}"))
}

/// Ensures that every error has a code and that none is a fault of the server.
fn ensure_no_fault(answer: &Value) -> Result<(), String> {
    for error in answer["errors"].as_array().into_iter().flatten() {
        match error["extensions"]["code"].as_str() {
            None | Some("INTERNAL_SERVER_ERROR" | "TIMEOUT" | "SERVICE_UNAVAILABLE" | "OVERLOADED") => {
                return Err(format!("{answer:#}"));
            }
            Some(_) => {}
        }
    }
    Ok(())
}

/// Removes, replaces, inserts or repeats some bytes of a text.
fn mutated(text: String, changes: Vec<(prop::sample::Index, u8, u8)>) -> Vec<u8> {
    let mut bytes = text.into_bytes();
    for (at, kind, byte) in changes {
        if bytes.is_empty() {
            break;
        }
        let at = at.index(bytes.len());
        match kind % 4 {
            0 => drop(bytes.remove(at)),
            1 => bytes[at] = byte,
            2 => bytes.insert(at, byte),
            _ => {
                let end = (at + usize::from(byte)).min(bytes.len());
                let copied = bytes[at..end].to_vec();
                bytes.splice(at..at, copied);
            }
        }
    }
    bytes
}

fn changes() -> impl Strategy<Value = Vec<(prop::sample::Index, u8, u8)>> {
    prop::collection::vec(any::<(prop::sample::Index, u8, u8)>(), 0..8)
}
