//! The stories, one file a subject.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod authoring;
mod bad_input;
mod bulk;
mod demo;
mod doctor;
mod execution;
mod http;
mod idempotency;
mod journal;
mod lanes;
mod life;
mod line;
mod lists;
mod migrations;
mod model;
mod reading;
mod registering;
mod rush;
mod schema;
mod websocket;

mod centers;
mod guests;
mod importing;
