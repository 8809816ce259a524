//! The binary `atelier`.

use std::{
    io::{self, Write},
    process::ExitCode,
    thread::available_parallelism,
};

/// Every field of an answer is a few small allocations, which this one makes for half the price.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    // One thread more than there are processors: when far more is asked than can be answered, and each thread has to wait for
    // a processor, what is ready meanwhile is not left lying (`/health`: a third of the time).
    let threads = available_parallelism().map_or(2, |processors| processors.get() + 1);
    match tokio::runtime::Builder::new_multi_thread().worker_threads(threads).enable_all().build() {
        Ok(runtime) => runtime.block_on(api::cli::run()),
        Err(error) => {
            let _ = writeln!(io::stderr(), "atelier: no threads: {error}");
            ExitCode::FAILURE
        }
    }
}
