//! The plan of the house.

pub mod files;
pub mod model;
pub mod store;
