//! The plan of the house.

pub mod files;
pub mod forge;
pub mod model;
