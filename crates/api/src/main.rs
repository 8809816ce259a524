//! The binary `atelier`.

use std::{
    io::{self, Write},
    process::ExitCode,
    thread::available_parallelism,
};

/// A response consists of many small allocations. mimalloc makes them at half the cost of the system's allocator.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    if let Err(message) = api::cli::unset_empty_variables() {
        let _ = writeln!(io::stderr(), "atelier: {message}");
        return ExitCode::FAILURE;
    }
    // One thread more than there are processors: under overload, a ready task then waits less for a thread (`/health`: a
    // third of the time).
    let threads = available_parallelism().map_or(2, |processors| processors.get() + 1);
    match tokio::runtime::Builder::new_multi_thread().worker_threads(threads).enable_all().build() {
        Ok(runtime) => runtime.block_on(api::cli::run()),
        Err(error) => {
            let _ = writeln!(io::stderr(), "atelier: cannot start the runtime's threads: {error}");
            ExitCode::FAILURE
        }
    }
}
