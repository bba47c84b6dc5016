//! The canonical lane: exact where it must be, and close to the real numbers.
#![allow(clippy::unwrap_used, clippy::expect_used)] // a test fails by panicking

mod accuracy;
mod audit;
#[path = "../common/mod.rs"]
mod common;
mod equality;
mod golden;
mod hostile;
mod models;
mod rules;
mod transcript;
