# The words for everyday work; `just` lists them.

_default:
    @just --list

# The demo, with its playground.
demo *arguments:
    cargo run -- demo {{ arguments }}

# Everything that is tested without a browser.
test:
    cargo test --workspace

# The same, where a missing PostgreSQL is a failure.
test-all:
    ATELIER_REQUIRE_POSTGRES=1 cargo test --workspace

# Ten minutes of nonsense by every way in.
fuzz:
    ATELIER_FUZZ_SECONDS=600 cargo test --release -p tests --test suite fuzz::

# Servers, databases, connections and a disk go down, 28 times on each database.
crash:
    ATELIER_CRASHES=28 ATELIER_REQUIRE_POSTGRES=1 ATELIER_REQUIRE_MOUNT=1 cargo test --workspace --test crash

# A minute of overload, databases that go away, servers that are replaced: the released binary.
endure:
    cargo build --release
    ATELIER_BINARY=$PWD/target/release/atelier ATELIER_REQUIRE_POSTGRES=1 \
        ATELIER_OVERLOAD_SECONDS=60 ATELIER_LOSSES=8 ATELIER_ROUNDS=4 \
        cargo test --workspace --test overload --test loss --test rolling -- --nocapture --test-threads=1

# The playground in a real Chromium.
test-browser:
    cargo build
    cd tests/conformance/browser && npm ci && npm test

# Format and lints, as the gate wants them.
check:
    cargo fmt --all --check
    cargo clippy --workspace --all-targets -- -D warnings

# Write the generated files again: schema.graphql, openapi.json and docs/roles.md.
generate:
    cargo run --quiet -- schema > schema.graphql
    cargo run --quiet -- schema --openapi > openapi.json
    cargo run --quiet -- schema --roles > docs/roles.md

# Names what the schema takes away from the clients of the last release, and composes it with another subgraph.
test-schema:
    cargo build
    cd tests/conformance/schema && npm ci && npm test && npm run breaking

# What GraphQL over HTTP asks of a server, asked of the demo by the auditors of the graphql-http library.
test-audits:
    cargo build
    cd tests/conformance/audits && npm ci && ATELIER_LOG=warn npm test

# The documented call: a client that is generated from openapi.json, then a minute of fuzzing by it.
test-call:
    cargo build
    cd tests/conformance/client && npm ci && ATELIER_LOG=warn npm test
    tests/conformance/fuzzing/run

# Writes crates/api/playground/dist and crates/api/swagger-ui/dist anew.
playground:
    cd crates/api/playground && npm ci && npm run build
    cd crates/api/swagger-ui && npm ci --ignore-scripts && npm run build

# How fast and at what price a change reaches a thousand subscribers.
bench-live:
    cargo run --release -p tests --example live

# All that the gate does.
gate:
    .ci/run

# How fast it is beside what its database can do, in one run; needs PostgreSQL and wrk. `just bench --help` tells how to shorten it.
bench *arguments: _bench-build
    target/release/bench all {{ arguments }}

# The same on the embedded database.
bench-sqlite *arguments: _bench-build
    target/release/bench all --system sqlite {{ arguments }}

# Only the list page and the detail page, also beside handlers written by hand.
bench-reads *arguments: _bench-build
    target/release/bench reads {{ arguments }}

# Only registering.
bench-writes *arguments: _bench-build
    target/release/bench writes {{ arguments }}

_bench-build:
    cargo build --release --package api --package benches
