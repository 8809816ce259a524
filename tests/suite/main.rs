//! The stories, one file a subject.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod registering;
