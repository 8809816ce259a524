//! Model-based tests: random operations, one after the other against a reference model, and from eight concurrent tasks
//! that must break no invariant. `ATELIER_MODEL_CASES` sets the number of cases (300 and 50), and `ATELIER_MODEL_SEED`
//! repeats a run.

mod operation;
mod reference_model;
mod system_under_test;

use futures_util::future::join_all;
use operation::{Operation, any_operation};
use persistence::RegistrationFilter;
use proptest::test_runner::{Config, RngAlgorithm, TestError, TestRng, TestRunner};
use reference_model::ReferenceModel;
use system_under_test::{SystemUnderTest, status_name};
use tests::{Backend, TestApp, run_on};
use uuid::Uuid;

use crate::concurrency::servers;

fn cases(default: u32) -> u32 {
    std::env::var("ATELIER_MODEL_CASES").ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

/// Runs random sequences of operations. A failure reports the seed and the shortest failing sequence.
fn run_cases(cases: u32, length: usize, test: impl Fn(Vec<Operation>)) {
    let seed = std::env::var("ATELIER_MODEL_SEED").ok().and_then(|text| text.parse().ok());
    let seed: u128 = seed.unwrap_or_else(|| Uuid::now_v7().as_u128());
    let mut bytes = [0; 32];
    bytes[..16].copy_from_slice(&seed.to_be_bytes());
    let config = Config { cases, failure_persistence: None, max_shrink_iters: 500, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &bytes));
    let result = runner.run(&proptest::collection::vec(any_operation(), 1..length), |operations| {
        test(operations);
        Ok(())
    });
    match result {
        Ok(()) => {}
        Err(TestError::Fail(why, operations)) => panic!("ATELIER_MODEL_SEED={seed}: {why}\nafter {operations:#?}"),
        Err(error) => panic!("ATELIER_MODEL_SEED={seed}: {error}"),
    }
}

/// Runs an async test inside proptest, which is synchronous.
fn block_on<F: Future<Output = ()>>(work: F) {
    tokio::task::block_in_place(|| tokio::runtime::Handle::current().block_on(work));
}

async fn assert_consistent(app: &TestApp) {
    let findings: Vec<_> = app.store.examine().await.unwrap().iter().map(ToString::to_string).collect();
    assert_eq!(findings, [""; 0]);
}

fn run_sequentially(backend: Backend) {
    run_on(backend, async |app: TestApp| {
        run_cases(cases(300), 40, |operations| {
            block_on(async {
                let system = SystemUnderTest::new(&app).await;
                let mut model = ReferenceModel::default();
                for (number, operation) in operations.iter().enumerate() {
                    let (expected, got) = (model.apply(*operation), system.apply(*operation).await);
                    assert_eq!(got, expected, "operation {number}: {operation:?}");
                }
                let here = RegistrationFilter { workshop: system.workshop.id.parse().ok(), ..Default::default() };
                let counts = app.view().status_counts(&here).await.unwrap();
                let found = counts.into_iter().map(|(status, count)| (status_name(status), count)).collect();
                assert_eq!(model.status_counts(), found);
            });
        });
        assert_consistent(&app).await;
    });
}

fn run_concurrently(backend: Backend) {
    run_on(backend, async |app: TestApp| {
        // On PostgreSQL half of the tasks use another server.
        let servers = servers(app).await;
        let app = &servers[0];
        run_cases(cases(50), 120, |operations| {
            block_on(async {
                let system = SystemUnderTest::new(app).await;
                let tasks = (0..8).map(async |task| {
                    for operation in operations.iter().skip(task).step_by(8) {
                        // Any outcome is allowed; `apply_at` asserts that there is no fault.
                        let _ = system.apply_at(&servers[task % servers.len()], *operation).await;
                    }
                });
                join_all(tasks).await;
                assert_consistent(app).await;
            });
        });
    });
}

#[test]
fn a_workshop_behaves_as_the_reference_model_on_sqlite() {
    run_sequentially(Backend::Sqlite);
}

#[test]
fn a_workshop_behaves_as_the_reference_model_on_postgres() {
    run_sequentially(Backend::Postgres);
}

#[test]
fn eight_concurrent_tasks_break_no_invariant_on_sqlite() {
    run_concurrently(Backend::Sqlite);
}

#[test]
fn eight_concurrent_tasks_break_no_invariant_on_postgres() {
    run_concurrently(Backend::Postgres);
}
