//! Attacks on a server: each file is one kind of attack. Eight clients run it while honest clients use the same server. The
//! honest clients notice nothing, and the memory of the server stays bounded.
//!
//! `ATELIER_ATTACK_SECONDS` sets the duration of each attack and selects the full size, for the release binary on an idle
//! machine. Without it the attacks are short, and latencies are not checked. Each attack prints its figures.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout)]

#[path = "../binary/mod.rs"]
mod binary;

mod attacker;
mod dataset;
mod honest_clients;
mod refusals;
mod server_log;
mod size;
mod target;

mod document_cache;
mod expanding_documents;
mod hanging_identity_provider;
mod incomplete_requests;
mod long_names;
mod many_connections;
mod nested_lists;
mod persisted_documents;
mod repeated_history;
mod repeated_writes;
mod rest_pages;
mod retained_variables;
mod schema_requests;
mod static_files;
mod unchanged_updates;
mod unread_responses;
