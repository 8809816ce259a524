# The commands for everyday work; `just` lists them.

_default:
    @just --list

# Run the demo server with its playground.
demo *arguments:
    cargo run -- demo {{ arguments }}

# Run all Rust tests; tests for PostgreSQL are skipped if it is not installed.
test:
    cargo test --workspace

# Run all Rust tests; a missing PostgreSQL is a failure.
test-all:
    ATELIER_REQUIRE_POSTGRES=1 cargo test --workspace

# Fuzz GraphQL documents, requests and WebSockets for ten minutes.
fuzz:
    ATELIER_FUZZ_SECONDS=600 cargo test --release -p tests --test suite fuzz::

# Run the crash tests: 28 faults of servers, databases, connections and a disk on each database.
crash:
    ATELIER_CRASHES=28 ATELIER_REQUIRE_POSTGRES=1 ATELIER_REQUIRE_MOUNT=1 cargo test --workspace --test crash

# Run the endurance tests on the release binary: overload, database loss and rolling restarts.
endure:
    cargo build --release
    ATELIER_BINARY=$PWD/target/release/atelier ATELIER_REQUIRE_POSTGRES=1 \
        ATELIER_OVERLOAD_SECONDS=60 ATELIER_LOSSES=8 ATELIER_ROUNDS=4 \
        cargo test --workspace --test overload --test database_loss --test rolling_restart -- --nocapture --test-threads=1

# Attack the release binary for a minute with each kind of attack, on an idle machine. `just attacks nested_lists` runs one kind.
attacks *kinds:
    ATELIER_REQUIRE_POSTGRES=1 ATELIER_ATTACK_SECONDS=60 \
        cargo test --release --workspace --test attacks -- --nocapture --test-threads=1 {{ kinds }}

# Test the playground and Swagger UI in Chromium.
test-browser:
    cargo build
    cd tests/conformance/browser && npm ci && npm test

# Check the format and the lints.
check:
    cargo fmt --all --check
    cargo clippy --workspace --all-targets -- -D warnings

# Write the generated files again: schema.graphql, openapi.json and docs/roles.md.
generate:
    cargo run --quiet -- schema > schema.graphql
    cargo run --quiet -- schema --openapi > openapi.json
    cargo run --quiet -- schema --roles > docs/roles.md

# Report breaking changes of the schema, and compose it with another subgraph.
test-schema:
    cargo build
    cd tests/conformance/schema && npm ci && npm test && npm run breaking

# Run the GraphQL over HTTP audits of the graphql-http library against the demo.
test-audits:
    cargo build
    cd tests/conformance/audits && npm ci && ATELIER_LOG=warn npm test

# Test the REST API with a client generated from openapi.json, then fuzz it for a minute.
test-rest:
    cargo build
    cd tests/conformance/client && npm ci && ATELIER_LOG=warn npm test
    tests/conformance/fuzzing/run

# Build the playground and Swagger UI into their dist folders.
playground:
    cd crates/api/playground && npm ci && npm run build
    cd crates/api/swagger-ui && npm ci --ignore-scripts && npm run build

# Measure the latency and cost of a change for a thousand subscribers.
bench-live:
    cargo run --release -p tests --example live

# Run the CI gate.
gate:
    .ci/run

# Benchmark against the raw speed of PostgreSQL; needs PostgreSQL and wrk. `just bench --help` lists shorter runs.
bench *arguments: _bench-build
    target/release/bench all {{ arguments }}

# Run the benchmark on SQLite.
bench-sqlite *arguments: _bench-build
    target/release/bench all --system sqlite {{ arguments }}

# Benchmark the list page and the detail page only, also against hand-written handlers.
bench-reads *arguments: _bench-build
    target/release/bench reads {{ arguments }}

# Benchmark registrations only.
bench-writes *arguments: _bench-build
    target/release/bench writes {{ arguments }}

_bench-build:
    cargo build --release --package api --package benches
