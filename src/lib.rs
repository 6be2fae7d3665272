//! The plan of the house.

pub mod catalog;
pub mod files;
pub mod model;
