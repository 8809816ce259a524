//! The binary `atelier`.

#[tokio::main]
async fn main() -> std::process::ExitCode {
    api::cli::run().await
}
