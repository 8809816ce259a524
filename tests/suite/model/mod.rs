//! Random lives of workshops: one step after the other as a plain model says, and from eight tasks at once without
//! breaking an invariant. `ATELIER_MODEL_CASES` says how many (300 and 50), `ATELIER_MODEL_SEED` repeats a run that failed.

mod plain;
mod stage;
mod step;

use futures_util::future::join_all;
use persistence::RegistrationFilter;
use plain::Model;
use proptest::test_runner::{Config, RngAlgorithm, TestError, TestRng, TestRunner};
use stage::{Stage, word_of};
use step::{Step, any_step};
use tests::{Backend, TestApp, tell};
use uuid::Uuid;

use crate::concurrency::servers;

fn cases(default: u32) -> u32 {
    std::env::var("ATELIER_MODEL_CASES").ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

/// Runs random sequences of steps; says the seed of a run that fails, with the shortest sequence that fails.
fn run(cases: u32, length: usize, test: impl Fn(Vec<Step>)) {
    let seed = std::env::var("ATELIER_MODEL_SEED").ok().and_then(|text| text.parse().ok());
    let seed: u128 = seed.unwrap_or_else(|| Uuid::now_v7().as_u128());
    let mut bytes = [0; 32];
    bytes[..16].copy_from_slice(&seed.to_be_bytes());
    let config = Config { cases, failure_persistence: None, max_shrink_iters: 500, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &bytes));
    let result = runner.run(&proptest::collection::vec(any_step(), 1..length), |steps| {
        test(steps);
        Ok(())
    });
    match result {
        Ok(()) => {}
        Err(TestError::Fail(why, steps)) => panic!("ATELIER_MODEL_SEED={seed}: {why}\nafter {steps:#?}"),
        Err(error) => panic!("ATELIER_MODEL_SEED={seed}: {error}"),
    }
}

/// Drives an async test from proptest, which is not.
fn within<F: Future<Output = ()>>(work: F) {
    tokio::task::block_in_place(|| tokio::runtime::Handle::current().block_on(work));
}

async fn assert_sound(app: &TestApp) {
    let findings: Vec<_> = app.store.examine().await.unwrap().iter().map(ToString::to_string).collect();
    assert_eq!(findings, [""; 0]);
}

fn one_after_the_other(backend: Backend) {
    tell(backend, async |app: TestApp| {
        run(cases(300), 40, |steps| {
            within(async {
                let stage = Stage::set(&app).await;
                let mut model = Model::default();
                for (number, step) in steps.iter().enumerate() {
                    let (expected, got) = (model.take(*step), stage.take(*step).await);
                    assert_eq!(got, expected, "step {number}: {step:?}");
                }
                let here = RegistrationFilter { workshop: stage.workshop.id.parse().ok(), ..Default::default() };
                let counts = app.view().status_counts(&here).await.unwrap();
                let tally = counts.into_iter().map(|(status, count)| (word_of(status), count)).collect();
                assert_eq!(model.tally(), tally);
            });
        });
        assert_sound(&app).await;
    });
}

fn from_eight_tasks_at_once(backend: Backend) {
    tell(backend, async |app: TestApp| {
        // On PostgreSQL half of the tasks ask another server.
        let servers = servers(app).await;
        let app = &servers[0];
        run(cases(50), 120, |steps| {
            within(async {
                let stage = Stage::set(app).await;
                let tasks = (0..8).map(async |task| {
                    for step in steps.iter().skip(task).step_by(8) {
                        // Any outcome may be right; that there is no fault is asserted on the way.
                        let _ = stage.take_at(&servers[task % servers.len()], *step).await;
                    }
                });
                join_all(tasks).await;
                assert_sound(app).await;
            });
        });
    });
}

#[test]
fn a_workshop_behaves_as_the_reference_model_on_sqlite() {
    one_after_the_other(Backend::Sqlite);
}

#[test]
fn a_workshop_behaves_as_the_reference_model_on_postgres() {
    one_after_the_other(Backend::Postgres);
}

#[test]
fn eight_concurrent_tasks_break_no_invariant_on_sqlite() {
    from_eight_tasks_at_once(Backend::Sqlite);
}

#[test]
fn eight_concurrent_tasks_break_no_invariant_on_postgres() {
    from_eight_tasks_at_once(Backend::Postgres);
}
