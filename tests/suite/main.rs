//! The stories, one file a subject.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod authoring;
mod bad_input;
mod bulk;
mod conventions;
mod demo;
mod doctor;
mod examples;
mod execution;
mod external_ids;
mod federation;
mod fuzz;
mod http;
mod idempotency;
mod journal;
mod lanes;
mod life;
mod limits;
mod line;
mod lists;
mod live;
mod migrations;
mod model;
mod persisted;
mod reading;
mod registering;
mod rush;
mod schema;
mod statistics;
mod viewer;
mod websocket;

mod centers;
mod guests;
mod importing;
