//! The binary `atelier`.

/// Every field of an answer is a few small allocations, which this one makes for half the price.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[tokio::main]
async fn main() -> std::process::ExitCode {
    api::cli::run().await
}
